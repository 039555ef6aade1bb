import { z } from 'zod';
import { whyCard, whyText, type WhyProps } from '../cards/whyCard';
import { cardMessage, textMessage } from './activities';
import type { Explanation } from './explanation';
import { respond } from './response';
import type { Skill } from './skill';
import type { Turn } from './turn';

const schema = z.object({
  /** Id of the message that was answered; the newest answer without it. */
  answer: z.string().max(500).optional(),
});

/** Says how an answer came about. A model is not told of it: it would make the reasons up. */
export const whySkill: Skill<z.infer<typeof schema>> = {
  id: 'why',
  help: ({ skills }) => skills.why,
  commands: [
    'why this answer', 'why that answer', 'why this summary', 'why this translation', 'explain this answer', 'how do you know', 'how do you know that', 'how do you know this',
    'where does this come from', 'where did you get this', 'who wrote this', 'who wrote that', 'did an ai write this', 'is this ai generated',
    'warum diese antwort', 'warum diese zusammenfassung', 'warum diese übersetzung', 'woher weißt du das', 'woher kommt das', 'woher hast du das', 'wer hat das geschrieben', 'erkläre diese antwort',
    'pourquoi cette réponse', 'pourquoi ce résumé', 'pourquoi cette traduction', 'comment le sais-tu', 'comment sais-tu cela', 'd’où vient cette réponse', 'd\'où vient cette réponse', 'qui a écrit cela', 'qui a écrit ça', 'explique cette réponse',
    'por qué esta respuesta', 'por qué este resumen', 'por qué esta traducción', 'cómo lo sabes', 'de dónde viene esta respuesta', 'de dónde viene esto', 'quién ha escrito esto', 'quién escribió esto', 'explica esta respuesta',
  ],
  schema,
  parse: (text) => (request.test(text) ? {} : undefined),
  slots: [],
  run: async (turn, { answer }) => {
    const explanation = await turn.explanation(answer);
    const props = explanation && toProps(turn, explanation);
    await respond(turn, props ? cardMessage(whyCard(props), whyText(props)) : textMessage(turn.words.whyCard.none));
    return undefined;
  },
};

/** The same in sentences of people's own; "why?" alone is a question about the matter. */
const request = /^(?:(?:please |can you )?(?:tell|show) me why (?:you (?:said|wrote|answered) (?:this|that)|this answer)|why did you (?:say|write|answer|give me) (?:this|that|so|this answer|that answer)|warum hast du (?:das|so) (?:gesagt|geschrieben|geantwortet)|pourquoi (?:as-tu|avez-vous) (?:dit|écrit|répondu) (?:ça|cela)|por qué (?:has|ha) (?:dicho|escrito|respondido) (?:eso|esto|así))[?.!\s]*$/iu;

function toProps({ words, locale, transparencyUrl }: Turn, { calls, sources = [], read, omissions = [], isCutOff = false }: Explanation): WhyProps {
  const began = Math.min(...calls.map(({ startedAt }) => startedAt));
  const ended = Math.max(...calls.map(({ startedAt, durationMs }) => startedAt + durationMs));
  const spoke = Math.min(...calls.map(({ startedAt, firstTextMs = Infinity }) => startedAt + firstTextMs));
  const sum = (number: (call: Explanation['calls'][number]) => number): number => calls.reduce((total, call) => total + number(call), 0);
  return {
    words,
    locale,
    isAnswered: calls.some(({ outcome }) => ['stop', 'length', 'tool-calls'].includes(outcome)),
    targets: [...new Map(calls.flatMap(({ target }) => (target ? [[`${target.name} ${target.region ?? ''}`, target] as const] : []))).values()],
    sources,
    ...(read && { read }),
    omissions,
    isCutOff,
    filters: mergedFilters(calls.flatMap(({ filters }) => filters)),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    isEstimated: calls.some(({ estimated }) => estimated),
    requests: sum(({ attempts }) => attempts),
    durationMs: ended - began,
    ...(spoke !== Infinity && { firstTextMs: spoke - began }),
    moreUrl: transparencyUrl,
  };
}

type Verdict = Explanation['calls'][number]['filters'][number];

const degrees = ['safe', 'low', 'medium', 'high'];

/** Of several calls, each filter's gravest word. */
function mergedFilters(verdicts: readonly Verdict[]): readonly Verdict[] {
  const gravity = ({ isFiltered, isDetected, severity = '' }: Verdict): number => (isFiltered ? 10 : 0) + (isDetected ? 5 : 0) + degrees.indexOf(severity);
  const gravest = new Map<string, Verdict>();
  for (const verdict of verdicts) {
    const name = `${verdict.on} ${verdict.category}`;
    const known = gravest.get(name);
    if (!known || gravity(verdict) > gravity(known)) gravest.set(name, verdict);
  }
  return [...gravest.values()];
}

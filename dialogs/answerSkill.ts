import type { Activity } from 'botbuilder';
import { z } from 'zod';
import type { Answer, ConverseRequest, Exchange, Source } from '../ai/engine';
import { answerCard, type AnswerSource } from '../cards/answerCard';
import { cleanLine, escapeMarkdown } from '../cards/escape';
import { safeMarkdown } from '../cards/safeMarkdown';
import { whenText } from '../cards/when';
import type { Thread, ThreadMessage } from '../threads/thread';
import { answerButtons } from './answerButtons';
import { answerEntity, cardAttachment, cardMessage, linkDefinitions, textMessage } from './activities';
import { remembered } from './history';
import type { Grounds } from './explanation';
import { linkRule, withoutUngivenLinks, type LinkGrounds } from './links';
import { readRecallRequest } from './recallRequest';
import { recollect } from './recollection';
import { respond, showText } from './response';
import { readLengthRequest, readSectionRequest } from './sectionRequest';
import { findThread, recentThreads } from './shelf';
import type { Skill, SkillCall, Values } from './skill';
import { smallTalkAnswer } from './smallTalk';
import type { Turn } from './turn';

const schema = z.object({ question: z.string().optional(), threadId: z.string().optional() });
type Question = z.infer<typeof schema>;

/** Documents that an answer may look into: more would only dilute it. */
const MAX_THREADS = 5;

/** Answers a question, from the texts of this conversation where they say it. `offered`: what a model may call instead. */
export function createAnswerSkill(offered: readonly Skill[]): Skill<Question> {
  return {
    id: 'ask',
    help: ({ skills }) => skills.ask,
    commands: ['ask', 'ask a question', 'question', 'frage', 'eine frage', 'fragen', 'demander', 'poser une question', 'preguntar', 'pregunta'],
    schema,
    slots: [{
      name: 'question',
      takesAnyText: true,
      isMissing: (_turn, { question }) => !question,
      ask: async (turn, { threadId }) => {
        const thread = threadId === undefined ? undefined : await findThread(turn, threadId);
        return textMessage(thread ? turn.words.ask.about(escapeMarkdown(cleanLine(thread.title))) : turn.words.ask.what);
      },
      read: async (turn) => (turn.text === '' ? { again: turn.words.ask.what } : { values: { question: turn.text } }),
    }],
    run: (turn, question) => answer(turn, question, offered),
  };
}

async function answer(turn: Turn, asked: Question, offered: readonly Skill[]): Promise<SkillCall | undefined> {
  const { question = '', threadId } = asked;
  const threads = await threadsFor(turn, threadId);
  if (!threads) {
    await respond(turn, textMessage(turn.words.dialog.goneThread));
    return undefined;
  }
  if (turn.engine.modelName === undefined) {
    const call = summaryCall(asked, threads);
    const sentence = smallTalkAnswer(question, turn.words);
    if (sentence) await respond(turn, textMessage(sentence));
    if (call ?? sentence) return call;
  }
  const topic = threadId === undefined ? readRecallRequest(question) : undefined;
  const recalled = topic === undefined ? undefined : await recalledThreads(turn, topic);
  const all = [...(recalled ?? []), ...threads];
  if (recalled && all.length === 0 && turn.engine.modelName === undefined) {
    await respond(turn, textMessage(turn.words.ask.nothingSaid));
    return undefined;
  }
  // The words around the topic would only be looked for without a model.
  const wanted = turn.engine.modelName === undefined ? (topic ?? question) : question;
  const { request, mayLink } = await toRequest(turn, wanted, all, recalled?.length ? [] : offered);
  const { engine } = turn;
  const onText = engine.modelName === undefined // quotes are there at once
    ? undefined
    : (text: () => string): void => showText(turn, (isGrowing) => safeMarkdown(text(), { mayLink, isGrowing }));
  const result = await engine.converse(request, turn.signal, onText);
  if (result.kind === 'skill') return { skill: result.skill, values: proposed(result, offered, mayLink) };
  if (result.kind === 'answer') turn.explain(groundsFor(result));
  await respond(turn, result.kind === 'answer' ? answerMessage(turn, safeAnswer(result, mayLink)) : textMessage(nothingFound(turn, threads)));
  return undefined;
}

/** What was said here before about something; none where nothing was. */
async function recalledThreads(turn: Turn, topic: string): Promise<readonly Thread[]> {
  const found = await recollect(turn, topic);
  return found.messages.length > 0 ? [found] : [];
}

interface Prepared {
  readonly request: ConverseRequest;
  readonly mayLink: (url: string) => boolean;
}

/** Addresses in messages that are looked up later may be links then, too. */
async function toRequest(turn: Turn, text: string, threads: readonly Thread[], offered: readonly Skill[]): Promise<Prepared> {
  const { said, notes, isWhole } = await remembered(turn);
  const skills = offered.flatMap(({ id, tool, isOffered }) => (tool && isOffered?.(turn.engine) !== false ? [{ name: id, ...tool }] : []));
  const base = { text, history: said, threads, language: turn.locale, skills, ...(notes !== undefined && { notes }) };
  let rule = linkRule(turn, groundsOf(turn, base));
  const recall = async (query: string): Promise<Thread> => {
    const found = await recollect(turn, query);
    rule = linkRule(turn, groundsOf(turn, { ...base, threads: [...threads, found] }));
    return found;
  };
  return { request: isWhole ? base : { ...base, recall }, mayLink: (url) => rule(url) };
}

/** What people gave; the bot's own words, in the history and in a thread of this conversation, are apart. */
function groundsOf({ log }: Turn, { text, history, threads }: ConverseRequest): LinkGrounds {
  const messages = threads.flatMap((thread) => thread.messages);
  const isOwn = ({ author }: ThreadMessage): boolean => author.id === log.botAuthorId;
  const exchanged = (wanted: Exchange['role']): readonly string[] => history.filter(({ role }) => role === wanted).map((exchange) => exchange.text);
  return {
    given: [text, ...exchanged('user'), ...messages.filter((message) => !isOwn(message)).flatMap((message) => [message.text, message.url ?? ''])],
    said: [...exchanged('assistant'), ...messages.filter(isOwn).map((message) => message.text)],
  };
}

/** Without a model: "what was decided?" and "shorter" are answered from the summary of the newest text. */
function summaryCall({ question = '', threadId }: Question, [newest]: readonly Thread[]): SkillCall | undefined {
  const [section, length] = [readSectionRequest(question), readLengthRequest(question)];
  if (!newest || !(section ?? length)) return undefined;
  return { skill: 'summarize', values: { threadId: threadId ?? newest.id, section, length } };
}

/** The thread that was asked about, or the newest ones; undefined where the one asked about is gone. */
async function threadsFor(turn: Turn, threadId: string | undefined): Promise<readonly Thread[] | undefined> {
  if (threadId === undefined) return recentThreads(turn, MAX_THREADS);
  const thread = await findThread(turn, threadId);
  return thread && [thread];
}

/** Questions to ask next are said for the person when their button is pressed: none carries an address that nobody gave. */
function safeAnswer(answer: Answer, mayLink: (url: string) => boolean): Answer {
  const followUps = answer.followUps.filter((question) => withoutUngivenLinks(question, mayLink) === question);
  return { ...answer, text: safeMarkdown(answer.text, { mayLink }), followUps };
}

/** A model fills in what it was told of, nothing else that a skill knows (such as a confirmation); its words are not the person's. */
function proposed(call: { readonly skill: string; readonly arguments: unknown }, offered: readonly Skill[], mayLink: (url: string) => boolean): Values {
  const known = offered.find(({ id }) => id === call.skill)?.tool?.parameters.properties;
  if (typeof call.arguments !== 'object' || call.arguments === null) return { isProposed: true };
  const filled = Object.entries(call.arguments).filter(([name]) => Object.hasOwn(known ?? {}, name));
  const safe = filled.map(([name, value]: [string, unknown]) => [name, typeof value === 'string' ? withoutUngivenLinks(value, mayLink) : value] as const);
  return { ...Object.fromEntries(safe), isProposed: true };
}

function nothingFound({ engine, words }: Turn, threads: readonly Thread[]): string {
  if (engine.modelName !== undefined) return words.ask.nothingFound;
  return threads.length > 0 ? words.ask.nothingFoundOffline : words.ask.noDocumentOffline;
}

/** Each document and message once, however often it is quoted. */
function groundsFor({ sources, isCutOff, consulted }: Answer): Grounds {
  const named = sources.map(({ title, message: { author, url } }) => ({ title, ...(author.name !== title && { author: author.name }), ...(url !== undefined && { url }) }));
  return { sources: [...new Map(named.map((source) => [`${source.title} ${source.url ?? ''}`, source])).values()], isCutOff: isCutOff === true, ...(consulted && { read: consulted }) };
}

function answerMessage(turn: Turn, answer: Answer): Partial<Activity> {
  const { origin, text, sources, followUps, isCutOff = false } = answer;
  const { failure } = turn.words;
  const definitions = turn.context.activity.channelId === 'msteams' ? '' : linkDefinitions(sources);
  const id = turn.context.activity.id ?? '';
  // A card of quotes is the whole answer, sources and all: written above it, they would stand there twice.
  if (origin === 'quotes' && sources.length > 0) return { ...cardMessage(toCard(turn, answer), text), entities: [answerEntity(origin, [], id)] };
  return {
    type: 'message',
    text: [text, isCutOff && `**${failure.incomplete}** ${failure.askForLess}`, definitions].filter(Boolean).join('\n\n'),
    entities: [answerEntity(origin, sources, id)],
    ...(sources.length + followUps.length + answerButtons(turn).length > 0 && { attachments: [cardAttachment(toCard(turn, answer))] }),
  };
}

function toCard(turn: Turn, { origin, sources, followUps }: Answer): ReturnType<typeof answerCard> {
  const { words, locale } = turn;
  return answerCard({ words, locale, origin, sources: sources.map((source) => toCardSource(source, locale)), followUps, actions: answerButtons(turn) });
}

function toCardSource({ title, quote, message }: Source, locale: string): AnswerSource {
  return { title, quote, author: message.author.name, when: whenText(message, { locale }), url: message.url };
}

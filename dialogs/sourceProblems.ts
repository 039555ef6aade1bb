import type { Words } from '../cards/words';
import type { SourceError, SourceErrorCode } from '../threads/error';
import type { Source } from '../threads/sources';

type Sentences = Words['sources']['problems'];

const SECOND_MS = 1_000;
const USUAL_WAIT_MS = 30_000;

const sentences: Readonly<Record<SourceErrorCode, (words: Sentences, error: SourceError) => string>> = {
  'not-installed': (words) => words['not-installed'],
  'consent-missing': (words, { details: { permission = '' } }) => (isResourceSpecific(permission) ? words.consent(permission) : words['admin-consent'](permission)),
  'policy-missing': (words) => words['policy-missing'],
  'transcripts-disabled': (words) => words['transcripts-disabled'],
  'speakers-hidden': (words) => words['speakers-hidden'],
  'no-transcript': (words) => words['no-transcript'],
  'meeting-expired': (words) => words['meeting-expired'],
  'not-scheduled': (words) => words['not-scheduled'],
  'not-found': (words) => words['not-found'],
  throttled: (words, { details: { retryAfterMs = USUAL_WAIT_MS } }) => words.throttled(Math.max(1, Math.ceil(retryAfterMs / SECOND_MS))),
  unavailable: (words) => words.unavailable,
  unauthorized: (words) => words.unauthorized,
  timeout: (words) => words.timeout,
};

/** One sentence for each reason why something could not be read, with what to do; each once. */
export const sourceProblems = ({ sources }: Words, problems: readonly SourceError[]): readonly string[] =>
  [...new Set(problems.map((error) => sentences[error.code](sources.problems, error)))];

/** What a thread was read from: "the transcript, the chat". */
export const readFrom = ({ sources }: Words, from: readonly Source[]): string =>
  sources.readFrom([...new Set(from.map(({ kind }) => sources.kinds[kind]))].join(', '));

/** Given with the app, where it is added; others are an administrator's to give. */
const isResourceSpecific = (permission: string): boolean => /\.(?:Chat|Group|User)$/.test(permission);

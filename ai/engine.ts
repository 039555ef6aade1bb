import type { Thread, ThreadMessage } from '../threads/thread';
import type { CodeAnswer, CodeRequest } from './code';
import type { CompactRequest } from './compact';
import type { Vector } from './embeddings';
import type { FilterVerdict } from './call';
import type { Drawing, DrawRequest } from './images';
import type { ModelTool } from './model';
import type { Judgement } from './moderate';
import type { Speech } from './speak';
import type { Recording, Transcript } from './transcribe';
import type { PromptBudget } from './promptBudget';
import type { Said } from './promptWindow';
import type { Sentiment } from './sentiment';
import type { Summary, SummaryScope } from './summary/summary';

/** `ai`: written by a model. `quotes`: words of the source, chosen by rules; never to be shown as AI text. */
export type Origin = 'ai' | 'quotes';

export type SummaryLength = 'short' | 'standard' | 'detailed';

export interface SummarizeOptions {
  /** BCP 47 of the reader; the offline engine quotes in the thread's own language. */
  readonly language: string;
  readonly length: SummaryLength;
  /** Upper bound for the words of all claims and key sentences together, offline for each of the two; by length when absent. */
  readonly maxWords?: number;
  /** Of the thread, what is asked for; all of it when absent. */
  readonly scope?: SummaryScope;
}

/** What is heard while a summary is made. */
export interface SummaryHooks {
  /** Parts done of parts. */
  readonly onProgress?: (done: number, of: number) => void;
  /** Something to show meanwhile, since the model does not answer: key sentences, to be replaced by the summary. */
  readonly onBrief?: (brief: Summary) => void;
}

/** A quoted passage that an answer stands on. */
export interface Source {
  readonly threadId: string;
  readonly title: string;
  readonly message: ThreadMessage;
  readonly quote: string;
}

/** What was said before, oldest first. */
export interface Exchange {
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

export interface ConverseRequest {
  readonly text: string;
  /** What was said last; as much of it as fits is shown to the model. */
  readonly history: readonly Said[];
  /** Notes on what was said before that. */
  readonly notes?: string;
  /** Earlier messages about something; absent where all that was said is in `history`. */
  readonly recall?: (query: string) => Promise<Thread>;
  /** Documents and meetings of this conversation, newest first. */
  readonly threads: readonly Thread[];
  /** BCP 47 to answer in. */
  readonly language: string;
  /** Skills that the model may call instead of answering. The offline engine ignores them (patterns route before). */
  readonly skills: readonly ModelTool[];
}

export interface Answer {
  readonly kind: 'answer';
  readonly origin: Origin;
  readonly text: string;
  readonly sources: readonly Source[];
  readonly followUps: readonly string[];
  /** The model came to its limit in the middle: not to be shown as the whole answer. */
  readonly isCutOff?: true;
  /** Messages of documents that were shown to the model, of how many; absent where there were none. */
  readonly consulted?: { readonly read: number; readonly total: number };
}

export type ConverseResult =
  | Answer
  /** The model chose a skill; `arguments` are unchecked. */
  | { readonly kind: 'skill'; readonly skill: string; readonly arguments: unknown }
  /** Offline, and nothing to quote fits the question. */
  | { readonly kind: 'nothing-found' };

export interface Translation {
  readonly text: string;
  /** BCP 47 as detected. */
  readonly from: string;
  readonly to: string;
}

/**
 * Hears that a text has grown. What it is given tells the whole text so far, which is never changed backwards: asked for
 * when somebody is to see it, and not with every word.
 */
export type OnText = (textSoFar: () => string) => void;

/** What the dialogs ask of AI. One implementation stands on a model, one is offline. All throw AIError. */
export interface Engine {
  /** The model's name; undefined for the offline engine. */
  readonly modelName: string | undefined;
  /** How much of a conversation one request may carry; absent offline. */
  readonly budget?: PromptBudget;
  converse(request: ConverseRequest, signal: AbortSignal, onText?: OnText): Promise<ConverseResult>;
  /** Works on any thread of at least one non-empty message. */
  summarize(thread: Thread, options: SummarizeOptions, signal: AbortSignal, hooks?: SummaryHooks): Promise<Summary>;
  /** Markdown, code, links, mentions and numbers are kept. Offline: undefined, since translating needs a model. */
  translate(text: string, to: string, signal: AbortSignal): Promise<Translation | undefined>;
  /** Pictures of what is described; absent where no deployment draws. */
  readonly draw?: (request: DrawRequest, signal: AbortSignal) => Promise<readonly Drawing[]>;
  /** What is said in a recording of at most MAX_RECORDING_BYTES; absent where no deployment listens. */
  readonly transcribe?: (recording: Recording, signal: AbortSignal) => Promise<Transcript>;
  /** A plain text of at most MAX_SPOKEN_LENGTH characters, said aloud; absent where no deployment speaks. */
  readonly speak?: (text: string, signal: AbortSignal) => Promise<Speech>;
  /** Whether a text may be shown; `on` says who wrote it. Absent where no deployment judges. */
  readonly moderate?: (text: string, on: FilterVerdict['on'], signal: AbortSignal) => Promise<Judgement>;
  /** BCP 47 primary language of a text (such as "de"); undefined when it cannot be told. */
  detectLanguage(text: string): Promise<string | undefined>;
  /** Absent offline. */
  readonly writeCode?: (request: CodeRequest, signal: AbortSignal, onText?: OnText) => Promise<CodeAnswer>;
  /** The tone of a text or thread; absent offline. */
  readonly tellSentiment?: (thread: Thread, signal: AbortSignal, onProgress?: (done: number, of: number) => void) => Promise<Sentiment>;
  /** Notes that stand for messages which are out of sight; absent offline. */
  readonly compact?: (request: CompactRequest, signal: AbortSignal) => Promise<string>;
  /** Where texts stand in the space of `model`, at most TEXTS_AT_ONCE of them; absent where no deployment does it. */
  readonly embeddings?: { readonly model: string; readonly embed: (texts: readonly string[], signal: AbortSignal) => Promise<readonly Vector[]> };
}

import type { Activity, TurnContext } from 'botbuilder';
import type { CallReport } from '../ai/call';
import type { Capability } from '../ai/capability';
import type { Engine, SummaryLength } from '../ai/engine';
import type { Said } from '../ai/promptWindow';
import type { Words } from '../cards/words';
import type { DataKind } from '../state/personalData';
import type { Sources } from '../threads/sources';
import type { Thread } from '../threads/thread';
import type { Explanation, Grounds } from './explanation';
import type { Meetings } from './meetings';
import type { Rating } from './rating';

/** What a person chose in the settings. Absent: not chosen. */
export interface UserSettings {
  /** BCP 47 of the bot's words; else the activity's locale. */
  readonly language?: string;
  /** BCP 47 that "translate" uses without being told. */
  readonly translateTo?: string;
  readonly summaryLength?: SummaryLength;
  /** May rated answers be kept with their questions, to improve Parley? `asked`: the card that asks was shown. */
  readonly improvement?: 'asked' | 'yes' | 'no';
  /** Nobody is to be asked about a summary after meetings that the person organizes. */
  readonly meetingOffers?: 'no' | undefined;
}

/** A file that came with the message. Reading it may fail: FileError with a code that the dialogs turn into a sentence. */
export interface IncomingFile {
  /** As the sender named it: untrusted. */
  readonly name: string;
  readonly contentType: string;
  /** Whole content, at most `maxBytes` of the host's configuration. Throws FileError. */
  read(signal: AbortSignal): Promise<Uint8Array>;
  /** What it says. Throws FileError. */
  parse(signal: AbortSignal): Promise<Thread>;
}

/** A button or form of one of our cards. */
export interface Submit {
  /** Id of a skill, or a command of the main dialog. */
  readonly action: string;
  /** Values of the button and inputs of its form: unchecked. */
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * One answer that becomes visible while it is written, in whatever way the channel can:
 * a Teams or Web Chat stream, a placeholder that is updated, or only the final message.
 */
export interface LiveReply {
  /** Says what is being done ("Reading part 2 of 5"); replaced by what follows. */
  progress(text: string): void;
  /** The whole text so far; it only grows. A function is asked for it when the channel is ready for more. */
  show(textSoFar: string | (() => string)): void;
  /** The final message; leaves with the turn's commit, in place of what was shown. Call once. */
  finish(activity: Partial<Activity>): Promise<void>;
}

/** What was said in this conversation, without commands' card submits; oldest first. */
export interface ConversationLog {
  /** The newest `limit` messages as a thread, each with a link where the channel has one. */
  thread(limit: number): Promise<Thread>;
  /** `author.id` of the bot's own messages in that thread. */
  readonly botAuthorId: string;
}

/** What can be looked back at when a message is answered; after the last "start over", and without the message itself. */
export interface ConversationMemory {
  /** What was said last, oldest first: about as much as `maxTokens` hold. */
  recent(maxTokens: number): Promise<Remembered>;
  /** Messages about something from the whole conversation, oldest first; those that tell nothing are passed over. */
  recall(query: string, isTelling: (message: { readonly text: string; readonly isOwn: boolean }) => boolean): Promise<Thread>;
  /** From now on nothing up to this message is looked back at; with this turn's commit. */
  startOver(): void;
}

export interface Remembered {
  readonly said: readonly Said[];
  /** Nothing was said before that. */
  readonly isWhole: boolean;
  /** On what was said before, and on some of it too. */
  readonly notes?: string;
}

/** Meetings, chats and documents that people gave to this conversation. */
export interface ThreadShelf {
  /** Keeps the thread with this turn's commit; gives it back with a `url` on each message that opens it. */
  keep(thread: Thread): Promise<Thread>;
  find(id: string): Promise<Thread | undefined>;
  /** Newest first, at most `limit`. */
  recent(limit: number): Promise<readonly Thread[]>;
}

/** A picture or a recording that was made for this conversation. */
export interface Media {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export interface KeptMedia {
  /** Opens it for whoever has the address, until it expires. */
  readonly url: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** The channel's clients can open `url`. */
  readonly isReachable: boolean;
  /** What a card shows of a picture: `url` where it can be reached, else the picture itself where it is small enough. */
  readonly shown: string | undefined;
}

export interface MediaShelf {
  /** Keeps it with this turn's commit, for as long as the settings say. */
  keep(media: Media): KeptMedia;
  /** The channel plays sound in a card; elsewhere people open its address. */
  readonly playsSound: boolean;
}

/** What a person has left of a day's budget. */
export interface Allowance {
  /** Of which only this is counted; absent: everything. */
  readonly capability: Capability | undefined;
  readonly tokens: Remainder | undefined;
  readonly requests: Remainder | undefined;
  readonly renewedInMs: number;
}

export interface Remainder {
  readonly left: number;
  readonly of: number;
}

/** What is kept about a person. */
export interface MyData {
  readonly counts: Partial<Readonly<Record<DataKind, number>>>;
  /** A file with all of it, for whoever has the address, for some minutes; undefined where nothing serves it. */
  readonly url: string | undefined;
}

/** Everything a dialog may use in one turn besides the TurnContext. Built by the host for each turn. */
export interface Turn {
  readonly context: TurnContext;
  /** The message without the mention of the bot, trimmed; '' where there is none. Untrusted. */
  readonly text: string;
  readonly files: readonly IncomingFile[];
  readonly submit: Submit | undefined;
  /** One-to-one with the bot: Teams personal scope and web chat. */
  readonly isPersonal: boolean;
  /** The channel replaces a form by its answer (Action.Execute). */
  readonly replacesCards: boolean;
  /** Hosts (host or host:port) that a model's words may link to, besides addresses that people gave. */
  readonly linkHosts: readonly string[];
  /** What happens to what is to be moderated while no moderation answers: `hold-public` holds what others read too. */
  readonly withoutModeration: 'hold' | 'hold-public' | 'show';
  readonly settings: UserSettings;
  /** BCP 47 of the bot's words to this person. */
  readonly locale: string;
  readonly words: Words;
  readonly engine: Engine;
  /** Calls to models that this turn has made so far and that have ended. */
  readonly calls: readonly CallReport[];
  /** Notes what this turn's answer stands on; kept with the turn's commit, beside its calls. */
  explain(grounds: Grounds): void;
  /** How an answer in this conversation came about, by the id of the message that it answered; the newest without one. */
  explanation(activityId?: string): Promise<Explanation | undefined>;
  /** What this person has left today; empty where nothing is limited. */
  allowances(): Promise<readonly Allowance[]>;
  /** Where people read what Parley is and does with their data. */
  readonly transparencyUrl: string;
  readonly log: ConversationLog;
  /** What can be read in this conversation: its log, and what Teams gives; and who reads it. */
  readonly sources: Sources;
  readonly memory: ConversationMemory;
  readonly threads: ThreadShelf;
  readonly meetings: Meetings;
  readonly media: MediaShelf;
  /** Aborts at the turn's deadline or when the person stops it. */
  readonly signal: AbortSignal;
  /** The one live reply of this turn: the same on every call. Dialogs that opened it also finish it. */
  reply(): LiveReply;
  /** What the person said aloud: it is kept as the words of this message. */
  heard(text: string): void;
  /** What was kept of rated answers goes with this turn's commit unless `improvement` is `yes`. */
  saveSettings(settings: UserSettings): Promise<void>;
  /** Counts it with this turn's commit; with the person's consent, question and answer are kept. */
  rate(rating: Rating): void;
  /** How much is kept about this person, and where all of it can be fetched for a while. */
  myData(): Promise<MyData>;
  /** Deletes everything kept about this person and, in a one-to-one chat, the conversation. */
  forgetMe(): Promise<void>;
}

const turnKey = Symbol('parley.turn');

/** Makes `turn` reachable from its context. */
export function bindTurn(turn: Turn): void {
  turn.context.turnState.set(turnKey, turn);
}

/** The turn of this context. Throws where bindTurn was not called: a mistake in the host. */
export function turnOf(context: TurnContext): Turn {
  const turn = context.turnState.get<Turn | undefined>(turnKey);
  if (!turn) throw new Error('This turn was not bound: call bindTurn before the dialogs run.');
  return turn;
}

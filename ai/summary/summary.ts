import type { SummaryLength } from '../engine';

/** A verbatim part of one message, on which a claim stands. */
export interface Evidence {
  /** Id of a message of the summarized thread; always one that exists. */
  readonly messageId: string;
  /** Stands in that message, after normalisation. */
  readonly quote: string;
}

export type ClaimKind = 'decision' | 'action' | 'question' | 'topic' | 'fact';

/**
 * decision: `current` or `superseded` (a later one took its place) or `cancelled`.
 * action: `proposed` until its owner took it on; `accepted`, `done`, `superseded` (given to somebody else or moved), `cancelled`.
 * question: `open` or `answered`. topic and fact: `current`.
 */
export type ClaimStatus = 'current' | 'proposed' | 'accepted' | 'done' | 'superseded' | 'cancelled' | 'open' | 'answered';

/** One statement about a thread that stood up to the evidence gate. */
export interface Claim {
  /** Stable for the same statement on the same messages: a follow-up and a difference name it. */
  readonly id: string;
  readonly kind: ClaimKind;
  /** One sentence, in the summary's language. */
  readonly text: string;
  /** In the order of the thread; never empty. */
  readonly evidence: readonly Evidence[];
  readonly status: ClaimStatus;
  /** Whose task it is; a name that stands in the thread. */
  readonly owner?: string;
  /** Author id in the thread, where the owner writes there. */
  readonly ownerId?: string;
  /** Calendar day, `YYYY-MM-DD`. */
  readonly due?: string;
  /** Id of the claim that took its place. */
  readonly supersededBy?: string;
}

/** A sentence over verified claims alone. */
export interface TldrSentence {
  readonly text: string;
  /** Ids of claims of the same summary; never empty. */
  readonly claims: readonly string[];
}

/** Words of the source itself: offline, or where a part could not be read by the model. */
export interface KeySentence {
  readonly text: string;
  readonly messageId: string;
}

/**
 * deleted, system, empty: nothing to read. filtered: the service's content filter would not read it. unreadable: the part
 * failed. over-budget: too much for the limit. outside: not asked for (time range, person, topic).
 */
export type OmissionReason = 'deleted' | 'system' | 'empty' | 'filtered' | 'unreadable' | 'over-budget' | 'outside';

export interface Omission {
  readonly reason: OmissionReason;
  readonly count: number;
}

/** What was read of a thread. read + the sum of omitted = messages, always. */
export interface Coverage {
  readonly messages: number;
  readonly read: number;
  readonly omitted: readonly Omission[];
  /** Of those read: covered by key sentences, since the model failed on their part. */
  readonly quotedOnly: number;
}

/** What is new, changed and reversed since this reader's last summary of the same thread; claim ids. */
export interface SummaryChanges {
  /** ISO 8601: when the last one was made. */
  readonly since: string;
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly reversed: readonly string[];
}

/** A summary of one thread (all of it, or what was asked for). */
export interface Summary {
  /** `ai`: claims by a model, verified. `quotes`: words of the source, chosen by rules; never to be shown as AI text. */
  readonly origin: 'ai' | 'quotes';
  /** BCP 47 of its text. */
  readonly language: string;
  readonly length: SummaryLength;
  /** Empty offline. */
  readonly tldr: readonly TldrSentence[];
  /** All that stood up, in the order of the thread, superseded ones too. */
  readonly claims: readonly Claim[];
  /** In the order of the thread. */
  readonly keySentences: readonly KeySentence[];
  readonly coverage: Coverage;
  /** Claims of the model that did not stand up to the gate. */
  readonly dropped: number;
  readonly changes?: SummaryChanges;
  readonly engine: { readonly kind: 'offline' | 'model'; readonly name: string };
}

/** Of a thread, what is asked for. Absent: all of it. */
export interface SummaryScope {
  /** ISO 8601 with zone: messages from then on. */
  readonly since?: string;
  /** ISO 8601 with zone: messages before then. */
  readonly until?: string;
  /** Claims of, for or about this person (author id or name in the thread). */
  readonly person?: { readonly id?: string; readonly name: string };
  /** Only these kinds. */
  readonly kinds?: readonly ClaimKind[];
  /** Only what is about this. */
  readonly topic?: string;
}

/** What tells decisions, tasks and open questions in one language. Patterns see one cleaned sentence. */
export interface Cues {
  /** A decision is stated. */
  readonly decision: RegExp;
  /** It only looks like one: not yet, if, whether. */
  readonly noDecision: RegExp;
  /** The speaker takes something on. */
  readonly commitment: RegExp;
  /** Somebody is asked or told to do something. */
  readonly request: RegExp;
  /** In writing: something is told to be done, without a word that asks. */
  readonly order: RegExp;
  /** A sentence to this person ("Ana, …", "Ana will …") asks for something when it goes on like this. */
  readonly assignment: RegExp;
  /** Marked as a task in so many words: "TODO:", "Action:", "[ ]". */
  readonly taskMark: RegExp;
  /** It only looks like a task: a condition, a question whether, a courtesy. */
  readonly noTask: RegExp;
  /** In a meeting, said of the meeting itself: "I'll show you", "let me start". */
  readonly stageTalk: RegExp;
  /** Something is said to be open. */
  readonly open: RegExp;
  /** What a question that wants an answer has: a question word or a verb that asks. */
  readonly question: RegExp;
  /** A question that asks for nothing: "right?", "can you hear me?". */
  readonly noQuestion: RegExp;
  /** An answer that puts off. */
  readonly deferral: RegExp;
  /** An answer at once: yes, no, sure. */
  readonly reply: RegExp;
  /** An answer that takes a task on. */
  readonly assent: RegExp;
  /** Sentences about the aim or the agenda are worth more. */
  readonly agenda: RegExp;
  /** A beginning that leans on what was said before. */
  readonly leaning: RegExp;
  /** Polite words around a message. */
  readonly courtesy: RegExp;
}

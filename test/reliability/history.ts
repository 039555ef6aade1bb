/** A message that a person sent. */
export interface Said {
  readonly conversation: string;
  readonly id: string;
  readonly saidAtMs: number;
  /** When the bot took it (200); absent: it never did, so it may be answered or not. */
  readonly acknowledgedAtMs?: number;
  /** Its place among the messages of its conversation, where the bot's store told. */
  readonly number?: number;
}

/** An answer that stands in a conversation at the end. */
export interface Shown {
  readonly conversation: string;
  /** Id of the message that it answers. */
  readonly answers: string;
  /** Earlier messages that the answer was made from, where it tells. */
  readonly seen?: readonly string[];
}

/** What was said and shown in all conversations of a run; `shown` in the order in which people see it. */
export interface History {
  readonly said: readonly Said[];
  readonly shown: readonly Shown[];
}

/**
 * lost: acknowledged and never answered. doubled: answered again. re-ordered: shown before the answer to an earlier
 * message. stale: made without knowing of the message before it. unasked: answers nothing that was said.
 */
export interface Finding {
  readonly kind: 'lost' | 'doubled' | 're-ordered' | 'stale' | 'unasked';
  readonly conversation: string;
  /** Of the message whose answer is wrong. */
  readonly id: string;
}

/** Everything that is wrong with a history; nothing when each acknowledged message was answered once and in order. */
export function checkHistory({ said, shown }: History): readonly Finding[] {
  const answers = Map.groupBy(shown, ({ conversation }) => conversation);
  const messages = Map.groupBy(said, ({ conversation }) => conversation);
  const conversations = new Set([...messages.keys(), ...answers.keys()]);
  return [...conversations].flatMap((conversation) => checkConversation(messages.get(conversation) ?? [], answers.get(conversation) ?? []));
}

function checkConversation(said: readonly Said[], shown: readonly Shown[]): readonly Finding[] {
  const messages = new Map(said.map((message) => [message.id, message]));
  const first = new Map<string, Shown>();
  const findings: Finding[] = [];
  for (const answer of shown) {
    const kind = !messages.has(answer.answers) ? 'unasked' : first.has(answer.answers) ? 'doubled' : undefined;
    if (kind) findings.push({ kind, conversation: answer.conversation, id: answer.answers });
    else first.set(answer.answers, answer);
  }
  const lost = said.filter(({ id, acknowledgedAtMs }) => acknowledgedAtMs !== undefined && !first.has(id));
  findings.push(...lost.map(({ conversation, id }): Finding => ({ kind: 'lost', conversation, id })));
  const ordered = [...first.values()].map((answer): Answered => ({ answer, message: messages.get(answer.answers) as Said })); // the unasked are out
  return [...findings, ...reordered(ordered), ...stale(ordered)];
}

interface Answered {
  readonly answer: Shown;
  readonly message: Said;
}

/** From the last answer to the first: of all that follow, the earliest message must not be before this answer's. */
function reordered(shown: readonly Answered[]): readonly Finding[] {
  const findings: Finding[] = [];
  let later: { number: number; acknowledgedAtMs: number } = { number: Infinity, acknowledgedAtMs: Infinity };
  for (const { message } of shown.toReversed()) {
    const { conversation, id, number = 0, saidAtMs, acknowledgedAtMs = Infinity } = message;
    if (later.number < number || later.acknowledgedAtMs < saidAtMs) findings.push({ kind: 're-ordered', conversation, id });
    later = { number: Math.min(later.number, message.number ?? Infinity), acknowledgedAtMs: Math.min(later.acknowledgedAtMs, acknowledgedAtMs) };
  }
  return findings;
}

/** Each answer must know of the message that was certainly the last before its own. */
function stale(shown: readonly Answered[]): readonly Finding[] {
  return shown.flatMap(({ answer, message }, index): Finding[] => {
    const before = shown[index - 1]?.message;
    if (!before || !answer.seen || !isBefore(before, message) || answer.seen.includes(before.id)) return [];
    return [{ kind: 'stale', conversation: message.conversation, id: message.id }];
  });
}

function isBefore(one: Said, other: Said): boolean {
  if (one.number !== undefined && other.number !== undefined) return one.number < other.number;
  return (one.acknowledgedAtMs ?? Infinity) < other.saidAtMs;
}

/** How many there are of each kind. */
export function countFindings(findings: readonly Finding[]): Readonly<Record<Finding['kind'], number>> {
  const count = (kind: Finding['kind']): number => findings.filter((finding) => finding.kind === kind).length;
  return { lost: count('lost'), doubled: count('doubled'), 're-ordered': count('re-ordered'), stale: count('stale'), unasked: count('unasked') };
}

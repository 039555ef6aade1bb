import type { Author, Thread } from '../../threads/thread';
import type { Cues } from './cues/cues';
import type { FindDueDate } from './dueDate';
import type { Unit } from './units';

/** A sentence that gives somebody something to do. */
export interface Task {
  readonly unit: Unit;
  readonly owner: string | undefined;
  readonly due: string | undefined;
  /** For choosing when there are too many: a task with a person and a day is the surest. */
  readonly certainty: number;
}

const MIN_WORDS = 4;
const MAX_WORDS = 60;

/**
 * Tasks by rule: what a speaker takes on ("I'll send …"), what is asked of somebody ("Ana, please …"), and what is
 * marked as a task. The owner is named only where the words leave no doubt. In documents only marked tasks count.
 */
export function findTasks(thread: Thread, units: readonly Unit[], cues: Cues, findDueDate: FindDueDate): readonly Task[] {
  const people = callsIn(thread);
  return units.flatMap((unit) => {
    const owner = taskOwner({ thread, people }, unit, cues);
    if (!owner) return [];
    const due = findDueDate(unit.text, unit.createdAt);
    const certainty = owner.weight + (owner.name ? 1 : 0) + (due ? 2 : 0) + (unit.isComplete ? 0.5 : 0);
    return [{ unit, owner: owner.name, due, certainty }];
  });
}

interface Owner {
  readonly name: string | undefined;
  readonly weight: number;
}

interface Conversation {
  readonly thread: Thread;
  readonly people: Calls;
}

function taskOwner({ thread, people }: Conversation, unit: Unit, cues: Cues): Owner | undefined {
  const { text } = unit;
  const isMarked = cues.taskMark.test(text);
  if (isMarked) return { name: namedAtStart(people, text.replace(cues.taskMark, ''), cues)?.name, weight: 2 };
  if (unit.wordCount < MIN_WORDS || unit.wordCount > MAX_WORDS || unit.isTangled || thread.kind === 'document') return undefined;
  const called = namedAtStart(people, text, cues);
  if (called) return { name: called.name, weight: 2 };
  if (cues.noTask.test(text) || (thread.kind === 'meeting' && cues.stageTalk.test(text))) return undefined;
  if (cues.request.test(text)) return { name: onlyOther(thread, unit.author, text), weight: 1 };
  if (unit.isQuestion || !cues.commitment.test(text)) return undefined;
  return { name: speaksForOneself(text) ? unit.author.name : undefined, weight: 1 };
}

/** Who a sentence begins with, where it then asks something of them: "Ana, can you …", "@Ana please", "Ana will …". */
function namedAtStart(people: Calls, text: string, cues: Cues): { readonly name: string } | undefined {
  const plain = text.replace(/^@/, '').trim();
  for (const { name, call } of people.get(firstWord(plain)) ?? []) {
    if (startsWithName(plain, call) && cues.assignment.test(plain.slice(call.length)) && !/[?]$/.test(plain.replace(/\b(?:can|could|would|will) you\b.*$/i, ''))) return { name };
  }
  const stranger = /^(\p{Lu}\p{Ll}+),? (?:you(?:'ll| will) be \p{L}+ing|(?:can|could|would) you (?!see|hear|imagine)|please |we'll (?:want|need) (?:a|an|the)\b)/u.exec(plain)?.[1];
  return stranger && !OPENING_WORDS.has(stranger.toLowerCase()) ? { name: stranger } : undefined;
}

/** Words that open a sentence as a name would. */
const OPENING_WORDS = new Set(
  'so then and but also maybe perhaps now okay ok well right yeah yes no alright if when could would can please tomorrow today later next first second finally actually hopefully obviously otherwise still thanks hi hello hey sorry everyone everybody all guys team folks somebody someone'.split(' '),
);

/** What people are called by, under its first word: each sentence is held against a few names, however many people there are. */
type Calls = ReadonlyMap<string, readonly { readonly name: string; readonly call: string }[]>;

/** More people of one first name cannot be told apart anyway. */
const MAX_NAMESAKES = 50;

/** Everybody's full name, and first name where only one person bears it. */
function callsIn({ participants }: Thread): Calls {
  const firstNames = participants.map(({ name }) => /^\S{0,100}/.exec(name)?.[0] ?? '');
  const bearers = Map.groupBy(firstNames, (first) => first);
  const calls = participants.flatMap(({ name }, index) => {
    const first = firstNames[index] ?? '';
    const isEnough = first !== name && first.length > 1 && bearers.get(first)?.length === 1;
    return isEnough ? [{ name, call: name }, { name, call: first }] : [{ name, call: name }];
  });
  return new Map([...Map.groupBy(calls, ({ call }) => firstWord(call))].map(([word, namesakes]) => [word, namesakes.slice(0, MAX_NAMESAKES)]));
}

const firstWord = (text: string): string => (/^[\p{L}\p{N}'’-]{0,100}/u.exec(text)?.[0] ?? '').toLowerCase();

const startsWithName = (text: string, name: string): boolean =>
  text.toLowerCase().startsWith(name.toLowerCase()) && !/[\p{L}\p{N}'’-]/u.test(text.charAt(name.length));

/** "You" is certain only between two people. */
function onlyOther(thread: Thread, speaker: Author, text: string): string | undefined {
  if (thread.participants.length > 2) return undefined;
  const others = thread.participants.filter(({ id }) => id !== speaker.id);
  const [other] = others;
  return others.length === 1 && other && !/\b(?:someone|somebody|anyone|jemand|quelqu'un|alguien)\b/i.test(text) ? other.name : undefined;
}

const speaksForOneself = (text: string): boolean => /(?<![\p{L}])(?:i|let me|ich|je|j'|yo|me encargo|voy|puedo|tengo|te envío|os envío|les envío|lo reviso)(?![\p{L}])/iu.test(text) && !/^(?:we|wir|nous|on|nosotros)\b/i.test(text);

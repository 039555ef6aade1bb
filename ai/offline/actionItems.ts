import type { Author, Thread } from '../../threads/thread';
import type { Cues } from './cues/cues';
import { mayNameADay } from './dueDate';
import type { Pace } from './pace';
import { mapPaced } from './pace';
import type { Unit } from './units';

/** A sentence that gives somebody something to do. */
export interface Task {
  readonly unit: Unit;
  /** As the thread names them; undefined where the words leave a doubt. */
  readonly owner: Pick<Author, 'name'> & Partial<Author> | undefined;
  /** The owner said so: "I'll …", or "sure" to "Ana, can you …". */
  readonly isAccepted: boolean;
  /** For choosing when there are too many: a task with a person and a day is the surest. */
  readonly certainty: number;
}

const MIN_WORDS = 4;
const MAX_WORDS = 60;

/**
 * Tasks by rule: what a speaker takes on ("I'll send …"), what is asked of somebody ("Ana, please …"), and what is
 * marked as a task. The owner is named only where the words leave no doubt. In documents only marked tasks count.
 */
export async function findTasks(thread: Thread, units: readonly Unit[], cues: Cues, pace: Pace): Promise<readonly Task[]> {
  const conversation = { thread, people: callsIn(thread) };
  const found = await mapPaced(units, (unit, index) => {
    const owner = taskOwner(conversation, unit, cues);
    if (!owner) return undefined;
    const isAccepted = owner.person !== undefined && (owner.person.id === unit.author.id || isAssentedTo(units, index, owner.person, cues));
    const certainty = owner.weight + (owner.person ? 1 : 0) + (mayNameADay(unit.text) ? 2 : 0) + (unit.isComplete ? 0.5 : 0);
    return { unit, owner: owner.person, isAccepted, certainty };
  }, pace);
  return found.filter((task) => task !== undefined);
}

const ASSENT_WITHIN = 3; // messages
const LOOKAHEAD = 40; // sentences

/** The first thing that the owner says next. */
function isAssentedTo(units: readonly Unit[], index: number, { id }: Partial<Author>, { assent }: Cues): boolean {
  const from = units[index]?.messageIndex ?? 0;
  for (let next = index + 1; next <= index + LOOKAHEAD; next += 1) {
    const unit = units[next];
    if (!unit || unit.messageIndex > from + ASSENT_WITHIN) return false;
    if (unit.author.id === id) return !unit.isQuestion && assent.test(unit.text);
  }
  return false;
}

type Person = Task['owner'];

interface Owner {
  readonly person: Person;
  readonly weight: number;
}

interface Conversation {
  readonly thread: Thread;
  readonly people: Calls;
}

function taskOwner({ thread, people }: Conversation, unit: Unit, cues: Cues): Owner | undefined {
  const { text } = unit;
  if (cues.taskMark.test(text)) return { person: namedAtStart(people, text.replace(cues.taskMark, ''), cues), weight: 2 };
  if (unit.wordCount < MIN_WORDS || unit.wordCount > MAX_WORDS || unit.isTangled || thread.kind === 'document') return undefined;
  const called = namedAtStart(people, text, cues);
  if (called) return { person: called, weight: 2 };
  if (cues.noTask.test(text) || (thread.kind === 'meeting' && cues.stageTalk.test(text))) return undefined;
  if (cues.request.test(text) || (thread.kind !== 'meeting' && cues.order.test(text))) return { person: onlyOther(thread, unit.author, text), weight: 1 };
  if (unit.isQuestion || !cues.commitment.test(text)) return undefined;
  return { person: speaksForOneself(text) ? unit.author : undefined, weight: 1 };
}

/** Who a sentence begins with, where it then asks something of them: "Ana, can you …", "@Ana please", "Ana will …". */
function namedAtStart(people: Calls, text: string, cues: Cues): Person {
  const plain = text.replace(/^@/, '').trim();
  for (const { person, call } of people.get(firstWord(plain)) ?? []) {
    if (startsWithName(plain, call) && cues.assignment.test(plain.slice(call.length)) && !/[?]$/.test(plain.replace(/\b(?:can|could|would|will) you\b.*$/i, ''))) return person;
  }
  const stranger = STRANGER.exec(plain)?.[1];
  return stranger && !OPENING_WORDS.has(stranger.toLowerCase()) ? { name: stranger } : undefined;
}

const STRANGER = /^(\p{Lu}\p{Ll}+),? (?:you(?:'ll| will) be \p{L}+ing|(?:can|could|would) you (?!see|hear|imagine)|please |we'll (?:want|need) (?:a|an|the)\b)/u;

/** Words that open a sentence as a name would. */
const OPENING_WORDS = new Set(
  'so then and but also maybe perhaps now okay ok well right yeah yes no alright if when could would can please tomorrow today later next first second finally actually hopefully obviously otherwise still thanks hi hello hey sorry everyone everybody all guys team folks somebody someone'.split(' '),
);

/** What people are called by, under its first word: each sentence is held against a few names, however many people there are. */
type Calls = ReadonlyMap<string, readonly { readonly person: Author; readonly call: string }[]>;

/** More people of one first name cannot be told apart anyway. */
const MAX_NAMESAKES = 50;

/** Everybody's full name, and first name where only one person bears it. */
function callsIn({ participants }: Thread): Calls {
  const firstNameOf = ({ name }: Author): string => /^\S{0,100}/.exec(name)?.[0] ?? '';
  const bearers = Map.groupBy(participants, firstNameOf);
  const calls = participants.flatMap((person) => {
    const first = firstNameOf(person);
    const isEnough = first !== person.name && first.length > 1 && bearers.get(first)?.length === 1;
    return isEnough ? [{ person, call: person.name }, { person, call: first }] : [{ person, call: person.name }];
  });
  return new Map([...Map.groupBy(calls, ({ call }) => firstWord(call))].map(([word, namesakes]) => [word, namesakes.slice(0, MAX_NAMESAKES)]));
}

const firstWord = (text: string): string => (/^[\p{L}\p{N}'’-]{0,100}/u.exec(text)?.[0] ?? '').toLowerCase();

const startsWithName = (text: string, name: string): boolean =>
  text.toLowerCase().startsWith(name.toLowerCase()) && !/[\p{L}\p{N}'’-]/u.test(text.charAt(name.length));

/** "You" is certain only between two people. */
function onlyOther(thread: Thread, speaker: Author, text: string): Person {
  if (thread.participants.length > 2) return undefined;
  const others = thread.participants.filter(({ id }) => id !== speaker.id);
  const [other] = others;
  return others.length === 1 && other && !/\b(?:someone|somebody|anyone|jemand|quelqu'un|alguien)\b/i.test(text) ? other : undefined;
}

const speaksForOneself = (text: string): boolean => /(?<![\p{L}])(?:i|let me|ich|je|j'|yo|me encargo|voy|puedo|tengo|te envío|os envío|les envío|lo reviso)(?![\p{L}])/iu.test(text) && !/^(?:we|wir|nous|on|nosotros)\b/i.test(text);

/** Kinds of details that are replaced, and the words that stand for them. */
export const detailKinds = ['link', 'email', 'iban', 'card', 'id', 'phone', 'person'] as const;
export type DetailKind = (typeof detailKinds)[number];

/** Replaces what tells who somebody is by marks such as `[EMAIL_1]`; the same value has the same mark in all its texts. */
export interface Deidentifier {
  replace(text: string): string;
  /** How many different values were replaced. */
  counts(): Readonly<Record<DetailKind, number>>;
}

/**
 * Rules, not understanding: names that are not in `names`, and what describes a person in other words, stay. What only
 * looks like an id or a number of somebody goes too.
 */
export function createDeidentifier(names: readonly string[]): Deidentifier {
  const values = new Map<DetailKind, Map<string, string>>(detailKinds.map((kind) => [kind, new Map()]));
  const markOf = (kind: DetailKind, value: string): string => {
    const known = values.get(kind) ?? new Map<string, string>();
    const mark = known.get(value) ?? `[${kind.toUpperCase()}_${known.size + 1}]`;
    known.set(value, mark);
    return mark;
  };
  const rules: readonly Rule[] = [...details, ...peopleOf(names)];
  return {
    replace: (text) => rules.reduce((left, rule) => outsideMarks(left, (part) => part.replace(rule.pattern, (found) => (rule.isOne?.(found) === false ? found : markOf(rule.kind, rule.toKey?.(found) ?? found)))), text),
    counts: () => Object.fromEntries(detailKinds.map((kind) => [kind, values.get(kind)?.size ?? 0])) as Record<DetailKind, number>, // of each kind, from the list of all
  };
}

interface Rule {
  readonly kind: DetailKind;
  readonly pattern: RegExp;
  /** False for what only has the form. */
  readonly isOne?: (found: string) => boolean;
  /** Different spellings of one value have one key. */
  readonly toKey?: (found: string) => string;
}

const MARK = /(\[(?:LINK|EMAIL|IBAN|CARD|ID|PHONE|PERSON)_\d+\])/;

/** A mark that stands in the text already is none of a later rule's matches. */
const outsideMarks = (text: string, change: (part: string) => string): string =>
  text.split(MARK).map((part, index) => (index % 2 === 1 ? part : change(part))).join('');

const digitsOf = (text: string): string => text.replace(/\D/g, '');
const compact = (text: string): string => text.replace(/[\s.\-/()]/g, '').toLowerCase();

/** The first rule that matches wins. Repetitions have limits, so that no text takes longer than its length says. */
const details: readonly Rule[] = [
  { kind: 'link', pattern: /\b(?:https?|ftp|mailto|tel|wss?):(?:\/\/)?[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}]/giu, isOne: isTelling },
  { kind: 'id', pattern: /(?<!\d)(?:19:[\w-]{1,100}@[\w.]{1,40}|(?:28|29):[\w-]{20,200}|8:(?:orgid|live):[\w.-]{1,100})/gu }, // conversations and people in Teams
  { kind: 'email', pattern: /[\p{L}\p{N}._%+'-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/giu, toKey: (found) => found.toLowerCase() },
  { kind: 'iban', pattern: /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![\p{L}\p{N}])/gu, isOne: (found) => digitsOf(found).length >= 8, toKey: compact },
  { kind: 'card', pattern: /(?<![\p{L}\p{N}])\d(?:[ -]?\d){12,18}(?![\p{L}\p{N}])/gu, toKey: compact },
  { kind: 'id', pattern: /(?<![\p{L}\p{N}])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\p{L}\p{N}])/giu, toKey: (found) => found.toLowerCase() },
  { kind: 'id', pattern: /(?<![\w/+-])(?=[\w/+-]*\d)(?=[\w/+-]*[A-Za-z])[\w/+-]{20,}={0,2}(?![\w/+-])/gu, isOne: isRandom },
  { kind: 'id', pattern: /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)/gu }, // addresses of machines
  { kind: 'id', pattern: /(?<![\p{L}\p{N}-])\d{3}-\d{2}-\d{4}(?![\p{L}\p{N}-])/gu },
  { kind: 'phone', pattern: /(?<![\p{L}\p{N}.,])(?:\+|\(?0|\()?\d[\d ()./-]{5,20}\d(?![\p{L}\p{N}])/gu, isOne: isPhone, toKey: compact },
  { kind: 'id', pattern: /(?<![\p{L}\p{N}.,])[A-Z]{0,4}[-#]?\d{7,}(?![\p{L}\p{N}])/gu },
];

/** Whoever has it is let in, or it names somebody: a query, a name before the host, or a part that nobody could guess. */
function isTelling(link: string): boolean {
  if (!/^(?:https?|ftp|wss?):/i.test(link)) return true;
  const [, rest = ''] = /^\w+:\/\/(.*)$/s.exec(link) ?? [];
  const [host = ''] = rest.split(/[/?#]/, 1);
  return rest.includes('?') || host.includes('@') || rest.split(/[/#=&]/).slice(1).some((part) => part.length >= 16 && /\d/.test(part) && /[A-Za-z]/.test(part));
}

/** Words that are joined by hyphens and slashes are no id. */
function isRandom(found: string): boolean {
  return !found.split(/[-/+_]/).every((part) => /^(?:\p{L}+|\d{1,4})$/u.test(part));
}

/** Dates and amounts have digits in groups too. */
function isPhone(found: string): boolean {
  const digits = digitsOf(found).length;
  if (/^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}$|^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$|^\d{1,3}(?: \d{3})+$/.test(found) && !found.startsWith('0')) return false;
  if (/^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$/.test(found)) return false;
  const isMarked = /^(?:\+|\(|0)/.test(found);
  return digits <= 15 && (isMarked ? digits >= 7 : digits >= 9 || /^\d{3}[ .-]\d{4}$/.test(found));
}

/** Whole names in any case; their parts only as names are written, so that "will" is not Will. */
function peopleOf(names: readonly string[]): readonly Rule[] {
  const whole = [...new Set(names.map((name) => name.trim()).filter((name) => name.length >= 2))].toSorted((one, other) => other.length - one.length);
  const owners = new Map<string, string>();
  for (const name of whole) for (const part of partsOf(name)) owners.set(part, owners.get(part) ?? name);
  const parts = [...owners.keys()].toSorted((one, other) => other.length - one.length);
  const person = (words: readonly string[], flags: string, toKey: (found: string) => string): Rule[] =>
    (words.length === 0 ? [] : [{ kind: 'person', pattern: new RegExp(`(?<![\\p{L}\\p{N}])@?(?:${words.map(escaped).join('|')})(?![\\p{L}\\p{N}])`, flags), toKey }]);
  const byLowerCase = new Map(whole.map((name) => [name.toLowerCase(), name]));
  const bare = (found: string): string => found.replace(/^@/, '');
  return [
    { kind: 'person', pattern: /<at\b[^<>]{0,200}>[^<>]{0,200}<\/at>/giu, toKey: (found) => { const name = found.replace(/<[^>]*>/g, '').trim(); return byLowerCase.get(name.toLowerCase()) ?? owners.get(name) ?? name; } },
    ...person(whole.filter((name) => /\s/.test(name)), 'giu', (found) => byLowerCase.get(bare(found).toLowerCase()) ?? bare(found)),
    ...person(parts, 'gu', (found) => owners.get(bare(found)) ?? bare(found)),
    { kind: 'person', pattern: /(?<![\p{L}\p{N}@/.])@[\p{L}_][\p{L}\p{N}_.-]*[\p{L}\p{N}_]/gu, toKey: bare },
  ];
}

/** "Ada King-Noel" is Ada, King-Noel, King and Noel too. Shorter parts are initials and particles. */
const partsOf = (name: string): readonly string[] =>
  [...name.split(/[\s,;()]+/), ...name.split(/[\s,;()\-’']+/)].filter((part) => part.length >= 2 && /^\p{Lu}|^[^\p{Ll}\p{Lu}]/u.test(part) && /\p{L}/u.test(part));

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

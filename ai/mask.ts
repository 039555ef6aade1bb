/** A text in which marks such as ⟦link-2⟧ stand for what must not change. */
export interface Masked {
  readonly text: string;
  readonly kept: ReadonlyMap<string, string>;
}

// The first kind that matches at a place wins. A mark's name tells the model what stands there, for grammar's sake.
const kinds: readonly (readonly [name: string, pattern: string])[] = [
  ['mark', '⟦[^⟧]*⟧'], // such a mark in the text itself
  ['code', '(`+)(?:(?!\\k<tick>)[\\s\\S])+?\\k<tick>'],
  ['mention', '<at\\b[^>]*>[\\s\\S]*?<\\/at>'],
  ['link', '(?:https?:\\/\\/|www\\.|mailto:|tel:)[^\\s<>\\])"\']*[^\\s<>\\])"\'.,;:!?]'],
  ['address', '[\\p{L}\\p{N}._%+-]+@[\\p{L}\\p{N}-]+(?:\\.[\\p{L}\\p{N}-]+)+'],
  ['link', '(?<=\\]\\()[^\\s()]+(?=\\))'], // a relative target of a Markdown link
  ['tag', '<\\/?[A-Za-z][^<>]*>'],
  ['placeholder', '\\$?\\{\\{?[\\w.-]+\\}?\\}|%(?:\\d+\\$)?[sd@]'],
  ['name', '(?<![\\p{L}\\p{N}])[@#][\\p{L}\\p{N}_][\\p{L}\\p{N}_.-]*[\\p{L}\\p{N}_]'],
  ['number', '\\p{Nd}+(?:[.,:/-]\\p{Nd}+)*'],
];

const pattern = new RegExp(kinds.map(([, source], index) => `(?<k${index}>${source.replace('(`+)', '(?<tick>`+)')})`).join('|'), 'giu');

export function mask(text: string): Masked {
  const kept = new Map<string, string>();
  const masked = text.replace(pattern, (found: string, ...rest: unknown[]) => {
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>; // replace passes the named groups last
    const [name] = kinds.find((_, index) => groups[`k${index}`] !== undefined) ?? ['part'];
    const mark = `⟦${name}-${kept.size + 1}⟧`;
    kept.set(mark, found);
    return mark;
  });
  return { text: masked, kept };
}

/** Every mark once, no other, targets of Markdown links still targets, and as many signs of emphasis. */
export function keepsMarks({ text, kept }: Masked, translated: string): boolean {
  const marks: readonly string[] = translated.match(/⟦[^⟧]*⟧/g) ?? [];
  const hasEach = marks.length === kept.size && [...kept.keys()].every((mark) => marks.includes(mark));
  const targets = text.match(/\]\(⟦[^⟧]*⟧/g) ?? [];
  return hasEach && translated.trim() !== '' && targets.every((target) => translated.includes(target)) && count(text, '**') === count(translated, '**');
}

const count = (text: string, sign: string): number => text.split(sign).length - 1;

export function unmask({ kept }: Masked, translated: string): string {
  return translated.replace(/⟦[^⟧]*⟧/g, (mark) => kept.get(mark) ?? mark);
}

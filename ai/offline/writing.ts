/** What is not the author's own, or no sentence: code, what others wrote before, heads of forwarded mail, a signature. */
const FOREIGN: readonly RegExp[] = [
  /```[\s\S]*?(?:```|$)/g,
  /^>.*$/gm,
  /^-{2,}\s*(?:original message|forwarded message|ursprüngliche nachricht|message d'origine|mensaje original)\b[\s\S]*/gim,
  /^(?:on .{5,100} wrote|am .{5,100} schrieb.{0,60}|le .{5,100} a écrit|el .{5,100} escribió)\s*:\s*$/gim,
  /^-- ?\n[\s\S]*/gm,
];

/** The text with as many spaces in their place, so that every other character stays where it is. */
export function withoutForeignText(text: string): string {
  return FOREIGN.reduce((own, pattern) => own.replace(pattern, (match) => match.replace(/[^\n]/g, ' ')), text);
}

/** Mail programs break lines at about this many characters. */
const MIN_WRAPPED_LENGTH = 55;
const MAX_WRAPPED_LENGTH = 90;

/** Lines that only a mail program broke become one again; every character stays where it is. */
export function unwrapped(text: string): string {
  if (!text.includes('\n')) return text;
  const lines = text.split('\n');
  return lines.map((line, index) => (index === 0 ? line : `${goesOn(lines[index - 1] ?? '', line) ? ' ' : '\n'}${line}`)).join('');
}

function goesOn(line: string, next: string): boolean {
  const isWrapped = line.length >= MIN_WRAPPED_LENGTH && line.length <= MAX_WRAPPED_LENGTH && !/[.?!:;…]["'”’)\]]*\s*$/u.test(line);
  return isWrapped && /^[\p{L}\p{N}("'“‘]/u.test(next) && !/^\d+[.)]\s/.test(next);
}

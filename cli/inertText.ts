/** Text that a terminal only shows: control sequences, which it would obey, and signs that turn the direction of words, are left out. */
export function inertText(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  return text.replace(/[\x00-\x08\x0B-\x1F\x7F-\x9F\u202A-\u202E\u2066-\u2069]/g, '');
}

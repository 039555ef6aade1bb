/** The spoken language that the first wish (as in Accept-Language) likes best, else the second's; English where none names one. */
export function preferredLanguage(wishes: readonly (string | undefined)[], spoken: readonly string[]): string {
  const wanted = wishes.flatMap((wish) => (wish ?? '').slice(0, 500).split(',').map(toWish).sort((one, other) => other.weight - one.weight));
  return wanted.find(({ language, weight }) => weight > 0 && spoken.includes(language))?.language ?? 'en';
}

function toWish(item: string): { readonly language: string; readonly weight: number } {
  const [range = '', ...parameters] = item.trim().toLowerCase().split(/\s*;\s*/);
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  return { language: range.split('-', 1)[0] ?? '', weight: quality ? Number(quality.slice(2)) || 0 : 1 };
}

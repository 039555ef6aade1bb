import type { AdaptiveCard } from './adaptiveCard';

/** Bytes of UTF-8. Some Teams clients refuse messages over 28 KB; the text beside the card and the envelope need room. */
export const maxCardBytes = 24_000;

/** The card with the most items, at most `most`, that stays under `maxCardBytes`. `build` must say what it leaves out. */
export function fitCard(most: number, build: (count: number) => AdaptiveCard): AdaptiveCard {
  for (let count = most; count > 0; count -= 1) {
    const card = build(count);
    if (cardBytes(card) <= maxCardBytes) return card;
  }
  return build(0);
}

/** Size on the wire, in bytes of UTF-8. */
export function cardBytes(card: AdaptiveCard): number {
  return Buffer.byteLength(JSON.stringify(card));
}

/** What opens an address besides links: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference (CardAction) */
const OPENING_ACTIONS = new Set(['openUrl', 'playAudio', 'playVideo', 'showImage', 'downloadFile', 'signin', 'call']);
const ADDRESS_NAMES = /(?:url|href|src|poster)$|^(?:image|thumbnail|icon)$/i;
/** Pictures and files that a browser shows or saves, and never runs. */
const HARMLESS = /^(?:https?|mailto|tel|cid):|^data:(?!text\/html|application\/xhtml|image\/svg|text\/xml|application\/xml)/i;
const SCHEME = /^[a-z][a-z\d+.-]*:/i;

/**
 * An activity without addresses that run something (`javascript:` and the like), wherever they stand in cards,
 * attachments and citations. Web Chat 4.18.1 makes links of some of them, and then only the page's policy stands
 * between a click and a script; other people's pages may have none.
 */
export function withHarmlessAddresses<T extends object>(activity: T): T {
  // Only strings change.
  return harmless(activity) as T;
}

function harmless(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(harmless);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const opens = 'type' in value && OPENING_ACTIONS.has(String(value.type));
  return Object.fromEntries(Object.entries(value).map(([name, each]) =>
    [name, typeof each === 'string' && (ADDRESS_NAMES.test(name) || (opens && name === 'value')) ? harmlessAddress(each) : harmless(each)]));
}

/** Browsers leave out white space and control characters when they look for the scheme. */
function harmlessAddress(address: string): string {
  const bare = address.slice(0, 200).replace(/[\p{Cc}\s]+/gu, '');
  return !SCHEME.test(bare) || HARMLESS.test(bare) ? address : 'about:blank';
}

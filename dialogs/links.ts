import { visibleText, webUrl } from '../cards/escape';
import type { Turn } from './turn';

/** Texts that people gave, and what the bot itself said before. */
export interface LinkGrounds {
  readonly given: readonly string[];
  readonly said?: readonly string[];
}

/**
 * Whether an address in a model's words may be a link: it stands, whole, in what people gave or in an earlier answer as a
 * link, or its host is one of the settings' LINK_HOSTS. A document can make a model write any other address, with what
 * was said in it.
 */
export function linkRule({ linkHosts }: Turn, { given, said = [] }: LinkGrounds): (url: string) => boolean {
  let known: ReadonlySet<string> | undefined;
  return (url) => {
    if (isOnHost(url, linkHosts)) return true;
    known ??= new Set([...given, ...said.map(withoutCode)].flatMap(addressesIn)); // most answers have no address
    return known.has(webUrl(url) ?? '');
  };
}

/**
 * Words that a model puts into the person's mouth, as arguments of a skill or as questions to ask next: an address that
 * may not be a link is none in them any more, so that it never counts as given.
 */
export function withoutUngivenLinks(text: string, mayLink: (url: string) => boolean): string {
  return visibleText(text).replace(ADDRESS, (address) => {
    const [bare = address] = /^.*?(?=[.,:;!?'*_~|)\]]*$)/s.exec(address) ?? [];
    const href = hrefOf(bare);
    return href !== undefined && mayLink(href) ? address : address.replace(/:\/\/|(?<=www)\./gi, (sign) => `${JOINER}${sign}${JOINER}`);
  });
}

const JOINER = '\u2060';

/** Whether a URL is on one of the hosts: "example.com" stands for its subdomains too, "example.com:8443" for that port alone. */
export function isOnHost(url: string, hosts: readonly string[]): boolean {
  const host = URL.parse(url)?.host ?? '';
  return hosts.some((each) => host === each.toLowerCase() || host.endsWith(`.${each.toLowerCase()}`));
}

/** Addresses that were no links when the bot said them stand in code: they do not become links by being repeated. */
const withoutCode = (text: string): string => text.replace(/```[\s\S]*?(?:```|$)/g, ' ').replace(/`[^`\n]*`/g, ' ');

function addressesIn(text: string): readonly string[] {
  const found = text.match(ADDRESS) ?? [];
  // Where an address ends in a sentence, or in a link of markdown, cannot be told: with each bracket at its end, and without.
  return found.flatMap((address) => {
    const bare = address.replace(/[.,:;!?'*_~|]+$/, '');
    const [ending = ''] = /[)\]]{0,3}$/.exec(bare) ?? [];
    return [address, ...Array.from({ length: ending.length + 1 }, (_, count) => bare.slice(0, bare.length - count)), address.split(/[)\]]/, 1)[0] ?? ''];
  }).flatMap((address) => hrefOf(address) ?? []);
}

const ADDRESS = /(?:https?:\/\/|www\.)[^\s<>"`]{1,2000}/gi;

const hrefOf = (address: string): string | undefined => webUrl(/^www\./i.test(address) ? `https://${address}` : address);

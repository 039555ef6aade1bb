import type { PeerResult } from './bench';
import type { Growth } from './growth';
import type { Level } from './plan';
import { ratio } from './statistics';
import { streamingClaims, type Streaming } from './streaming';

/** A figure of this run beside the bar that is set for it. */
export interface Claim {
  readonly what: string;
  readonly figure: number;
  /** The figure may be this large. */
  readonly bar: number;
  readonly isMet: boolean;
}

/** What is claimed of Parley, as far as this run measured it: CPU at the largest number of conversations, waiting, growth, streaming. */
export function toClaims(results: readonly PeerResult[], growths: readonly Growth[], streaming?: Streaming): readonly Claim[] {
  const ours = results.filter(({ name }) => name.startsWith('parley'));
  const claims = [
    ...ours.flatMap((result) => [cpuClaim(result, results, 'botbuilder', 0.75), cpuClaim(result, results, 'teams', 1)]),
    ...ours.map(({ name, paced }) => ({ what: `${name}: acknowledgement at ${paced.ratePerSecond} messages a second, p99 ms`, figure: paced.ackP99Ms, bar: 100 })),
    ...growths.map((growth) => ({ what: `${growth.name}: turn after ${growth.blocks.at(-1)?.turns ?? 0} of a conversation / one of its first hundred`, figure: growth.ratio, bar: 1.2 })),
    ...(streaming ? streamingClaims(streaming) : []),
  ];
  return claims.filter(({ figure }) => !Number.isNaN(figure)).map((claim) => ({ ...claim, isMet: claim.figure <= claim.bar }));
}

const isAmongThemselves = ({ conversations, people }: Level): boolean => conversations === people;

function cpuClaim(ours: PeerResult, results: readonly PeerResult[], peer: PeerResult['name'], bar: number): Omit<Claim, 'isMet'> {
  const load = ours.loads.filter(isAmongThemselves).toSorted((a, b) => b.conversations - a.conversations)[0];
  const theirs = results.find(({ name }) => name === peer)?.loads.filter(isAmongThemselves).find(({ conversations }) => conversations === load?.conversations);
  const what = `${ours.name}: CPU of a turn at ${load?.conversations ?? 0} conversations / that of ${peer}`;
  return { what, figure: ratio(load?.cpuMsPerMessage ?? NaN, theirs?.cpuMsPerMessage), bar };
}

import { parseArgs } from 'node:util';
import { peers, type PeerName } from './peers';

/** So many talk at once, of so many people; each has one conversation. */
export interface Level {
  readonly conversations: number;
  readonly people: number;
}

/** How much is measured. Times in milliseconds. */
export interface Plan {
  readonly peers: readonly PeerName[];
  readonly levels: readonly Level[];
  readonly rounds: number;
  readonly roundMs: number;
  readonly warmUpMs: number;
  readonly pacedMs: number;
  readonly starts: number;
  readonly growthTurns: number;
  /** How often a grown conversation is compared with a new one. */
  readonly growthPairs: number;
  /** How often the first word of a stream is waited for. */
  readonly streamRounds: number;
  /** How many tokens are streamed to measure their CPU, and how often. */
  readonly streamTokens: number;
  readonly streamCpuRounds: number;
  /** The whole bench gives up after this. */
  readonly limitMs: number;
  readonly json: boolean;
  /** A peer to run under node's CPU profiler; the profile goes to test/results. Its numbers are then not comparable. */
  readonly profile: PeerName | undefined;
  /** Numbers of open web chats: measures those instead of turns. */
  readonly sockets: readonly number[];
  /** Measures streaming alone. */
  readonly streaming: boolean;
  /** Computes the capacity model from the results of earlier runs instead of measuring. */
  readonly capacity: boolean;
}

/** Enough that whatever a bot keeps at hand for a conversation is not used again at once. */
const CROWD = 4_096;
const amongThemselves = (conversations: number): Level => ({ conversations, people: conversations });

const standard = { levels: [...[1, 16, 64].map(amongThemselves), { conversations: 64, people: CROWD }], rounds: 5, roundMs: 1_800, warmUpMs: 5_000, pacedMs: 12_000, starts: 3, growthTurns: 2_000, growthPairs: 9, streamRounds: 40, streamTokens: 1_000, streamCpuRounds: 3, limitMs: 780_000 };
const quick = { levels: [...[1, 16].map(amongThemselves), { conversations: 16, people: CROWD }], rounds: 2, roundMs: 700, warmUpMs: 1_500, pacedMs: 3_000, starts: 1, growthTurns: 300, growthPairs: 3, streamRounds: 15, streamTokens: 500, streamCpuRounds: 2, limitMs: 180_000 };

/** Reads the command line: `--quick`, `--peers floor,botbuilder`, `--sockets 1000,2000` ... (docs/performance.md). Throws on anything else. */
export function readPlan(commandLine: readonly string[]): Plan {
  const { values } = parseArgs({
    args: [...commandLine],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      capacity: { type: 'boolean', default: false },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      conversations: { type: 'string' },
      profile: { type: 'string' },
      sockets: { type: 'string' },
      streaming: { type: 'boolean', default: false },
    },
  });
  const base = values.quick ? quick : standard;
  return {
    ...base,
    rounds: values.rounds === undefined ? base.rounds : toCount('--rounds', values.rounds),
    levels: values.conversations === undefined ? base.levels : toCounts('--conversations', values.conversations).map(amongThemselves),
    peers: values.peers === undefined ? peers.map(({ name }) => name) : toPeers('--peers', values.peers),
    json: values.json,
    profile: values.profile === undefined ? undefined : toPeers('--profile', values.profile)[0],
    sockets: values.sockets === undefined ? [] : toCounts('--sockets', values.sockets),
    streaming: values.streaming,
    capacity: values.capacity,
  };
}

const toCounts = (option: string, text: string): number[] => text.split(',').map((part) => toCount(option, part));

function toCount(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`${option} ${text}: give a whole number from 1 on.`);
  return count;
}

function toPeers(option: string, text: string): PeerName[] {
  const known = peers.map(({ name }) => name);
  const names = text.split(',');
  const unknown = names.filter((name) => !known.some((each) => each === name));
  if (unknown.length > 0) throw new Error(`${option} ${unknown.join(',')}: known are ${known.join(', ')}.`);
  return known.filter((name) => names.includes(name));
}

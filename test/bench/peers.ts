import { en } from '../../cards/words/en';
import { entraIssuer, TENANT_ID } from './activity';
import type { Line } from './load';
import { botbuilderAnswer, botbuilderQuestion, echo } from './peerWords';

export type PeerName = 'floor' | 'botbuilder' | 'agents' | 'teams' | 'parley' | 'parley-postgres';

/** A bot that the bench runs in a process of its own. */
export interface Peer {
  readonly name: PeerName;
  /** What it is and does, in one line of the report. */
  readonly title: string;
  readonly bundle: string;
  /** Issuer of the channel's tokens; all peers get RS256 tokens of the same key. */
  readonly issuer: string;
  /** Refuses a message whose token is not the service's. */
  readonly checksTokens: boolean;
  /** Arguments of node itself, where the product is started with some. */
  readonly nodeArguments?: readonly string[];
  /** Where it keeps every turn durably; absent: nowhere. */
  readonly store?: 'sqlite' | 'postgres';
  /** The same words go to every peer; each has its own right answers. */
  readonly script: readonly Line[];
}

const CHANNEL_ISSUER = 'https://api.botframework.com';
const ASK = 'forget me';
const ANSWER = 'no';

const saysExactly = (expected: string) => (text: string): boolean => text === expected;
const echoes: readonly Line[] = [ASK, ANSWER].map((say) => ({ say, isAnswer: saysExactly(echo(say)) }));

const parley = {
  bundle: 'parleyPeer.mjs',
  issuer: CHANNEL_ISSUER,
  checksTokens: true,
  nodeArguments: ['--max-semi-space-size=4', '--heap-growing-percent=50'], // as in `npm start`
  script: [
    { say: ASK, isAnswer: (text: string) => text.includes(en.forget.confirm) },
    { say: ANSWER, isAnswer: saysExactly(en.forget.kept) },
  ],
};

/** In the order in which they take their turns within a round. */
export const peers: readonly Peer[] = [
  {
    name: 'floor',
    title: 'node:http and undici: reads the message, answers 200, posts one reply; no authentication, no state',
    bundle: 'floorPeer.mjs',
    issuer: CHANNEL_ISSUER,
    checksTokens: false,
    script: echoes,
  },
  {
    name: 'botbuilder',
    title: 'botbuilder 4.23.3 and restify: JWT, a waterfall with a prompt, conversation and user state in memory',
    bundle: 'botbuilderPeer.mjs',
    issuer: CHANNEL_ISSUER,
    checksTokens: true,
    script: [
      { say: ASK, isAnswer: saysExactly(botbuilderQuestion) },
      { say: ANSWER, isAnswer: saysExactly(botbuilderAnswer) },
    ],
  },
  {
    name: 'agents',
    title: 'Microsoft 365 Agents SDK 1.8.1 and express: JWT, echo; no dialogs, no state',
    bundle: 'agentsPeer.mjs',
    issuer: entraIssuer(TENANT_ID),
    checksTokens: true,
    script: echoes,
  },
  {
    name: 'teams',
    title: 'Teams SDK 2.1.0 and its express: JWT, echo; no dialogs, no state',
    bundle: 'teamsPeer.mjs',
    issuer: CHANNEL_ISSUER,
    checksTokens: true,
    script: echoes,
  },
  {
    name: 'parley',
    title: 'Parley: JWT, its dialogs and offline engine; inbox, document, outbox and message log in SQLite, synced to disk before the 200',
    ...parley,
    store: 'sqlite',
  },
  {
    name: 'parley-postgres',
    title: 'The same with PostgreSQL 18 on the same machine, every commit synced; the CPU time of PostgreSQL is shown apart',
    ...parley,
    store: 'postgres',
  },
];

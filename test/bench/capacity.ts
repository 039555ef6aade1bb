import { z } from 'zod';

/** What one turn and one open web chat cost, as the bench measured them. */
export interface UnitCosts {
  /** CPU in milliseconds: of a Parley process, and of PostgreSQL for it. */
  readonly turnCpuMs: number;
  readonly turnStoreCpuMs: number;
  readonly turnStatements: number;
  readonly turnCommits: number;
  readonly turnWalBytes: number;
  readonly turnStoredBytes: number;
  /** Of one busy process to the database. */
  readonly connections: number;
  readonly socketKB: number;
  readonly socketIdleCpuMsPerSecond: number;
  readonly socketOpenCpuMs: number;
}

/** What the model takes for granted. Nothing of it was measured. */
export interface Assumptions {
  /** Messages that people send in a conversation of a day. */
  readonly turnsPerConversation: number;
  /** Busiest second / average second of the day. */
  readonly peakFactor: number;
  /** Share of conversations that are web chats, and how long such a page stays open. */
  readonly webChatShare: number;
  readonly webChatMinutes: number;
  /** Share of a core that is planned to be used at the peak. */
  readonly utilisation: number;
  readonly processMB: number;
  readonly socketsPerProcess: number;
  readonly retentionDays: number;
}

export const ASSUMPTIONS: Assumptions = {
  turnsPerConversation: 6,
  peakFactor: 4,
  webChatShare: 0.5,
  webChatMinutes: 10,
  utilisation: 0.5,
  processMB: 250,
  socketsPerProcess: 5_000,
  retentionDays: 30,
};

/** What a day of so many conversations needs at its peak. */
export interface Needs {
  readonly conversationsPerDay: number;
  readonly turnsPerSecond: number;
  readonly openSockets: number;
  /** Cores kept busy no more than planned: Parley's (one for each process), and PostgreSQL's over all its nodes. */
  readonly processes: number;
  readonly storeCores: number;
  readonly memoryGB: number;
  readonly connections: number;
  readonly statementsPerSecond: number;
  readonly commitsPerSecond: number;
  readonly walMBPerSecond: number;
  readonly storedGB: number;
}

const SECONDS_PER_DAY = 86_400;
const MIN_PROCESSES = 2; // One may be restarted, or die.

/** Carries the unit costs to a number of conversations a day. Straight lines: nothing here knows of contention. */
export function needsOf(conversationsPerDay: number, costs: UnitCosts, assumptions: Assumptions): Needs {
  const { turnsPerConversation, peakFactor, webChatShare, webChatMinutes, utilisation, processMB, socketsPerProcess, retentionDays } = assumptions;
  const conversationsPerSecond = (conversationsPerDay / SECONDS_PER_DAY) * peakFactor;
  const turnsPerSecond = conversationsPerSecond * turnsPerConversation;
  const openedPerSecond = conversationsPerSecond * webChatShare;
  const openSockets = openedPerSecond * webChatMinutes * 60;
  const cpuMs = turnsPerSecond * costs.turnCpuMs + openedPerSecond * costs.socketOpenCpuMs + openSockets * costs.socketIdleCpuMsPerSecond;
  const processes = Math.max(MIN_PROCESSES, Math.ceil(cpuMs / 1_000 / utilisation), Math.ceil(openSockets / socketsPerProcess));
  return {
    conversationsPerDay,
    turnsPerSecond,
    openSockets,
    processes,
    storeCores: Math.max(1, Math.ceil((turnsPerSecond * costs.turnStoreCpuMs) / 1_000 / utilisation)),
    memoryGB: (processes * processMB + (openSockets * costs.socketKB) / 1_024) / 1_024,
    connections: processes * costs.connections,
    statementsPerSecond: turnsPerSecond * costs.turnStatements,
    commitsPerSecond: turnsPerSecond * costs.turnCommits,
    walMBPerSecond: (turnsPerSecond * costs.turnWalBytes) / 1_048_576,
    storedGB: (conversationsPerDay * turnsPerConversation * costs.turnStoredBytes * retentionDays) / 1_073_741_824,
  };
}

const SCALES = [1_000_000, 10_000_000, 100_000_000];

/** The capacity model as Markdown, from the JSON of `npm run bench` and of `npm run bench -- --sockets N`. Throws ZodError. */
export function toCapacity(bench: unknown, sockets: unknown): string {
  const costs = readCosts(bench, sockets);
  const needs = SCALES.map((conversations) => needsOf(conversations, costs, ASSUMPTIONS));
  return ['Measured:', costTable(costs), '', 'Assumed:', assumptionTable(ASSUMPTIONS), '', 'Computed:', needsTable(needs)].join('\n');
}

const PEER = 'parley-postgres';

const benchSchema = z.object({
  peers: z.array(z.object({
    name: z.string(),
    loads: z.array(z.object({ people: z.number(), cpuMsPerMessage: z.number(), storeCpuMsPerMessage: z.number() })),
  })),
  stores: z.array(z.object({
    name: z.string(),
    people: z.number(),
    connections: z.number(),
    perTurn: z.object({ statements: z.number(), commits: z.number(), writtenBytes: z.number(), storedBytes: z.number() }),
  })),
});

const socketsSchema = z.object({
  sockets: z.array(z.object({ name: z.string(), sockets: z.number(), rssKBPerSocket: z.number(), idleCpuMsPerSecond: z.number(), openCpuMs: z.number() })),
});

/** Of the load with most people and of the most sockets that were measured. */
function readCosts(bench: unknown, sockets: unknown): UnitCosts {
  const { peers, stores } = benchSchema.parse(bench);
  const load = busiest(peers.find(({ name }) => name === PEER)?.loads ?? [], ({ people }) => people);
  const store = busiest(stores.filter(({ name }) => name === PEER), ({ people }) => people);
  const chat = busiest(socketsSchema.parse(sockets).sockets.filter(({ name }) => name === PEER), (cost) => cost.sockets);
  return {
    turnCpuMs: load.cpuMsPerMessage,
    turnStoreCpuMs: load.storeCpuMsPerMessage,
    turnStatements: store.perTurn.statements,
    turnCommits: store.perTurn.commits,
    turnWalBytes: store.perTurn.writtenBytes,
    turnStoredBytes: store.perTurn.storedBytes,
    connections: store.connections,
    socketKB: chat.rssKBPerSocket,
    socketIdleCpuMsPerSecond: chat.idleCpuMsPerSecond / chat.sockets,
    socketOpenCpuMs: chat.openCpuMs,
  };
}

function busiest<T>(measured: readonly T[], size: (each: T) => number): T {
  const [most] = measured.toSorted((a, b) => size(b) - size(a));
  if (!most) throw new Error(`The results say nothing of ${PEER}. Run "npm run bench" and "npm run bench -- --sockets 1000,2000" first.`);
  return most;
}

const costTable = (costs: UnitCosts): string =>
  toMarkdown(['of one', 'figure'], [
    ['turn: CPU of Parley, ms', costs.turnCpuMs.toFixed(3)],
    ['turn: CPU of PostgreSQL, ms', costs.turnStoreCpuMs.toFixed(3)],
    ['turns a second that keep one core of Parley busy', toCount(1_000 / costs.turnCpuMs)],
    ['turn: statements; commits', `${costs.turnStatements.toFixed(1)}; ${costs.turnCommits.toFixed(2)}`],
    ['turn: bytes of write-ahead log; bytes stored', `${toCount(costs.turnWalBytes)}; ${toCount(costs.turnStoredBytes)}`],
    ['process: connections to PostgreSQL', toCount(costs.connections)],
    ['open web chat: memory, KB', costs.socketKB.toFixed(1)],
    ['open web chat: CPU while idle, ms a second', costs.socketIdleCpuMsPerSecond.toFixed(4)],
    ['open web chat: CPU of opening it (conversation, greeting, handshake), ms', costs.socketOpenCpuMs.toFixed(2)],
  ]);

const assumptionTable = (assumptions: Assumptions): string =>
  toMarkdown(['assumption', 'value'], [
    ['messages of people in a conversation', toCount(assumptions.turnsPerConversation)],
    ['busiest second / average second of a day', toCount(assumptions.peakFactor)],
    ['share of conversations in the web chat', `${assumptions.webChatShare * 100} %`],
    ['such a page stays open, minutes', toCount(assumptions.webChatMinutes)],
    ['share of a core in use at the peak', `${assumptions.utilisation * 100} %`],
    ['memory of a process without web chats, MB', toCount(assumptions.processMB)],
    ['web chats that one process holds at most', toCount(assumptions.socketsPerProcess)],
    ['messages are kept, days', toCount(assumptions.retentionDays)],
  ]);

function needsTable(needs: readonly Needs[]): string {
  const row = (label: string, cell: (need: Needs) => string): readonly string[] => [label, ...needs.map(cell)];
  return toMarkdown(['conversations a day', ...needs.map(({ conversationsPerDay }) => toCount(conversationsPerDay))], [
    row('turns a second at the peak', (need) => toCount(need.turnsPerSecond)),
    row('open web chats at the peak', (need) => toCount(need.openSockets)),
    row('Parley processes (a core each)', (need) => toCount(need.processes)),
    row('memory of all processes, GB', (need) => need.memoryGB.toFixed(1)),
    row('PostgreSQL cores, all nodes', (need) => toCount(need.storeCores)),
    row('connections that processes hold', (need) => toCount(need.connections)),
    row('statements a second', (need) => toCount(need.statementsPerSecond)),
    row('commits a second', (need) => toCount(need.commitsPerSecond)),
    row('write-ahead log, MB a second', (need) => need.walMBPerSecond.toFixed(1)),
    row('stored after the retention time, GB', (need) => toCount(need.storedGB)),
  ]);
}

const toCount = (value: number): string => Math.round(value).toLocaleString('en-US');

const toMarkdown = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

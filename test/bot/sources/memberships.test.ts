import { pino } from 'pino';
import { createConnectors } from '../../../bot/connector/httpConnector';
import { createMemberships } from '../../../bot/sources/memberships';
import { startFakeConnector, type FakeConnector } from '../../helpers/fakeConnector';

let teams: FakeConnector;
let connectors: ReturnType<typeof createConnectors>;
beforeAll(async () => {
  teams = await startFakeConnector();
  connectors = createConnectors({ token: async () => undefined, log: pino({ level: 'silent' }), retry: { maxAttempts: 1 } });
});
afterAll(async () => {
  await connectors.close();
  await teams.close();
});

const people = ['ada', 'ben', 'cleo'].map((name) => ({ id: `29:${name}`, name, aadObjectId: `aad-${name}` }));
const room = (conversationId: string) => ({ serviceUrl: teams.serviceUrl, tenantId: 'tenant', conversationId });
const asked = (): number => teams.requests.filter(({ path }) => path.includes('members')).length;

test('everybody is listed, page by page, with the id of the directory', async () => {
  const id = teams.open({ id: '19:all@thread.v2', type: 'groupChat', members: people });
  const { members, isComplete } = await createMemberships({ connectorFor: connectors.for })(room(id));
  expect(isComplete).toBe(true);
  expect(members).toEqual(people.map((person) => ({ id: person.id, directoryId: person.aadObjectId })));
});

test('a list is asked for once a minute, by however many at once', async () => {
  const id = teams.open({ id: '19:often@thread.v2', type: 'groupChat', members: people.slice(0, 2) });
  let nowMs = 0;
  const memberships = createMemberships({ connectorFor: connectors.for, now: () => nowMs });
  const before = asked();
  await Promise.all([memberships(room(id)), memberships(room(id))]);
  nowMs = 59_000;
  await memberships(room(id));
  expect(asked() - before).toBe(1);
  nowMs = 61_000;
  await memberships(room(id));
  expect(asked() - before).toBe(2);
});

test('what Teams does not tell is asked of the directory, and unknown where that does not tell either', async () => {
  const known = { members: [{ id: 'x', directoryId: 'x' }], isComplete: true };
  await expect(createMemberships({ connectorFor: connectors.for, otherwise: async () => known })(room('19:nowhere@thread.v2'))).resolves.toEqual(known);
  const silent = createMemberships({ connectorFor: connectors.for, otherwise: () => Promise.reject(new Error('down')) });
  await expect(silent(room('19:nowhere@thread.v2'))).resolves.toEqual({ members: [], isComplete: false });
});

test('what is unknown is not remembered', async () => {
  const memberships = createMemberships({ connectorFor: connectors.for });
  const late = '19:late@thread.v2';
  expect((await memberships(room(late))).isComplete).toBe(false);
  teams.open({ id: late, type: 'groupChat', members: people });
  expect((await memberships(room(late))).isComplete).toBe(true);
});

test('a list with nobody in it proves nothing', async () => {
  const id = teams.open({ id: '19:empty@thread.v2', type: 'groupChat' });
  expect((await createMemberships({ connectorFor: connectors.for })(room(id))).isComplete).toBe(false);
});

/** What opens one conversation. */
export interface Session {
  readonly domain: string;
  readonly token: string;
  readonly conversationId: string;
  readonly userId: string;
  /** The person has said something: there is a conversation to go back to, and no first screen. */
  readonly started: boolean;
}

export interface OpenedSession {
  readonly session: Session;
  /** `new`: nothing was kept. `continued`: as it was left. `lost`: the kept one cannot be opened any more, so this is a new one. */
  readonly kind: 'new' | 'continued' | 'lost';
}

const storageKey = 'parley.conversation';
const ownService = '/v3/directline';

/**
 * Goes on with the conversation that this browser keeps, or begins one: one for all tabs, also for those that open at
 * the same time. Throws where the server cannot be reached.
 */
export async function openSession(): Promise<OpenedSession> {
  // Only secure pages (https, this machine) have locks; the types promise them everywhere.
  const locks = navigator.locks as LockManager | undefined;
  return locks ? locks.request(storageKey, open) : open();
}

async function open(): Promise<OpenedSession> {
  const kept = readSession();
  if (!kept) return { session: await begin(), kind: 'new' };
  const token = await refresh(kept);
  if (token && (await isGone(kept, token))) return { session: await begin(), kind: 'lost' };
  if (token) return { session: keepSession({ ...kept, token }), kind: 'continued' };
  // The server knows its own tokens for a month after they expired, and gives one for the same conversation.
  const session = await begin(kept.token);
  if (session.conversationId !== kept.conversationId) return { session, kind: 'lost' };
  return { session: keepSession({ ...session, started: kept.started }), kind: 'continued' };
}

/** Forgets the conversation in this browser; the next one is new. */
export function forgetSession(): void {
  memory = undefined;
  withStorage((storage) => storage.removeItem(storageKey));
}

/** Remembers that the person has said something. */
export function markStarted(): void {
  const session = readSession();
  if (session && !session.started) keepSession({ ...session, started: true });
}

// Where the browser keeps nothing (private modes), the conversation lives as long as the page.
let memory: Session | undefined;

export function readSession(): Session | undefined {
  const text = withStorage((storage) => storage.getItem(storageKey));
  return text ? parseSession(text) : memory;
}

function keepSession(session: Session): Session {
  memory = session;
  withStorage((storage) => storage.setItem(storageKey, JSON.stringify(session)));
  return session;
}

async function begin(lastToken?: string): Promise<Session> {
  const answer = await fetch('/api/webchat/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: lastToken }),
  });
  if (!answer.ok) throw new Error(`No conversation was opened: ${answer.status}.`);
  const session = toSession(await answer.json());
  if (!session) throw new Error('No conversation was opened: the answer is not a token.');
  return keepSession(session);
}

/** A new token for one that is still valid; undefined when it is not. */
async function refresh({ domain, token }: Session): Promise<string | undefined> {
  const answer = await fetch(`${domain}/tokens/refresh`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  if (answer.status >= 500 || answer.status === 429) throw new Error(`The conversation was not opened: ${answer.status}.`);
  if (!answer.ok) return undefined;
  const body: unknown = await answer.json();
  return isRecord(body) && typeof body.token === 'string' ? body.token : undefined;
}

/** It was deleted: everything asked of it would be refused. */
async function isGone({ domain, conversationId, started }: Session, token: string): Promise<boolean> {
  if (!started) return false;
  const answer = await fetch(`${domain}/conversations/${encodeURIComponent(conversationId)}`, { headers: { authorization: `Bearer ${token}` } });
  await answer.text(); // what is not read keeps its connection open
  return answer.status === 404;
}

function parseSession(text: string): Session | undefined {
  try {
    return toSession(JSON.parse(text));
  } catch {
    return undefined; // written by something else: as if nothing was kept
  }
}

function toSession(body: unknown): Session | undefined {
  if (!isRecord(body)) return undefined;
  const { domain, token, conversationId, userId, started } = body;
  if (typeof domain !== 'string' || typeof token !== 'string' || typeof conversationId !== 'string' || typeof userId !== 'string') return undefined;
  return { domain: reachable(domain), token, conversationId, userId, started: started === true };
}

/** Our own service is asked where the page came from: the server may know itself by another name, which the page may not connect to. */
const reachable = (domain: string): string => (domain.endsWith(ownService) && !domain.includes('.botframework.com/') ? `${location.origin}${ownService}` : domain);

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function withStorage<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(localStorage);
  } catch {
    return undefined; // storage is switched off or full: the page works without it
  }
}

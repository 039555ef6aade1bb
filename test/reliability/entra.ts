import type { FakeIdentity } from '../helpers/fakeIdentity';
import { startHttpServer, type HttpServer, type RecordedRequest, type ServerAnswer } from '../helpers/httpServer';

/** `slow` answers after 20 s; `down` cuts connections and answers 503 in turn. */
export type EntraMood = 'well' | 'slow' | 'down';

export interface Entra {
  /** In the place of both Entra ID and the machine's own identity service (IMDS). */
  readonly url: string;
  /** What waits in a slow moment is answered once all is well. */
  be(mood: EntraMood): void;
  /** Token requests to each service so far, and the most that were open at once. */
  readonly fetches: Readonly<Record<'entra' | 'imds', { readonly count: number; readonly mostAtOnce: number }>>;
  close(): Promise<void>;
}

const SLOW_MS = 20_000;

/** Stands before a fake identity provider and lets it be slow or gone. Tokens of both services live `tokenSeconds`. */
export async function startEntra(identity: FakeIdentity, tokenSeconds: number): Promise<Entra> {
  let mood: EntraMood = 'well';
  let failures = 0;
  const waiting = new Set<() => void>();
  const fetches = { entra: { count: 0, open: 0, mostAtOnce: 0 }, imds: { count: 0, open: 0, mostAtOnce: 0 } };

  const answer = async (request: RecordedRequest): Promise<ServerAnswer> => {
    if (mood === 'down') return failures++ % 2 === 0 ? 'drop' : { status: 503, text: 'Service Unavailable' };
    if (mood === 'slow') await untilReleased(waiting);
    return request.method === 'POST' ? forward(identity, request) : imdsToken(tokenSeconds);
  };
  const server: HttpServer = await startHttpServer(async (request) => {
    const service = fetches[request.method === 'POST' ? 'entra' : 'imds'];
    service.count += 1;
    service.open += 1;
    service.mostAtOnce = Math.max(service.mostAtOnce, service.open);
    return answer(request).finally(() => (service.open -= 1));
  });
  return {
    url: server.url,
    fetches,
    be: (next) => {
      mood = next;
      if (next === 'well') for (const release of [...waiting]) release();
    },
    close: () => server.close(),
  };
}

function untilReleased(waiting: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const release = (): void => {
      clearTimeout(timer);
      waiting.delete(release);
      resolve();
    };
    const timer = setTimeout(release, SLOW_MS);
    waiting.add(release);
  });
}

async function forward(identity: FakeIdentity, { path, text, headers }: RecordedRequest): Promise<ServerAnswer> {
  const answer = await fetch(`${identity.authorityUrl}${path}`, { method: 'POST', body: text, headers: { 'content-type': headers['content-type'] ?? '' } });
  return { status: answer.status, text: await answer.text() };
}

/** https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token */
function imdsToken(seconds: number): ServerAnswer {
  return { status: 200, body: { access_token: `imds-${Date.now()}`, expires_in: String(seconds), expires_on: String(Math.floor(Date.now() / 1000) + seconds), token_type: 'Bearer' } };
}

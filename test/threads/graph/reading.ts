import type { MessageContext } from '../../../threads/graph/chatMessage';
import { createGraph, type Graph, type GraphOptions } from '../../../threads/graph/client';
import { startFakeGraph, type FakeGraph, type FakeGraphOptions } from '../../helpers/fakeGraph';
import { graphClock } from '../../helpers/graphClock';

export const TENANT = '11111111-1111-4111-8111-111111111111';
export const APP = '99999999-9999-4999-8999-999999999999';

export const context: MessageContext = {
  appId: APP,
  authorId: (of) => ('appId' in of ? `app:${of.appId}` : `user:${of.directoryId}`),
  linkTo: (id, webUrl) => (webUrl?.startsWith('https://teams.microsoft.com/') ? webUrl : `https://teams.microsoft.com/l/message/chat/${id}`),
};

export interface Reading {
  readonly service: FakeGraph;
  readonly graph: Graph;
  readonly clock: ReturnType<typeof graphClock>;
  close(): Promise<void>;
}

/** A client and the service that it reads, on one clock; the service keeps to its limits by it. */
export async function startReading(options: Partial<GraphOptions> = {}, service: FakeGraphOptions = {}): Promise<Reading> {
  const clock = graphClock();
  const fake = await startFakeGraph({ now: clock.now, ...service });
  const graph = createGraph({ url: fake.url, token: async () => 'token', clock, ...options });
  return {
    service: fake,
    graph,
    clock,
    close: async () => {
      await graph.close();
      await fake.close();
    },
  };
}

export const patience = (): AbortSignal => AbortSignal.timeout(20_000);

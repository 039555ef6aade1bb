import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { createHolds } from '../../../bot/directLine/holds';
import { createStreams, type StreamsOptions } from '../../../bot/directLine/streams';

test('a reply counts as told only when the post that holds it back is answered, and the announcement has left the process', async () => {
  const events: string[] = [];
  const leaving = Promise.withResolvers<undefined>();
  const announcements: StreamsOptions['announcements'] = {
    announce: () => void events.push('announced'),
    announced: () => leaving.promise,
    listen: () => () => undefined,
  };
  const holds = createHolds();
  const store = {} as StreamsOptions['store']; // nobody reads here
  const streams = createStreams({ announcements, store, holds, log: pino({ enabled: false }), keepAliveMs: 60_000 });
  const answered = Promise.withResolvers<undefined>();
  holds.hold('c', answered.promise.then(() => void events.push('answered')));
  streams.notify('c');
  const told = streams.told('c').then(() => events.push('told'));
  await nextTurn();
  answered.resolve(undefined);
  await holds.ready('c');
  await nextTurn();
  expect(events).toEqual(['answered', 'announced']);
  leaving.resolve(undefined);
  await told;
  expect(events).toEqual(['answered', 'announced', 'told']);
  await streams.close();
});

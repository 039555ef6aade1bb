import { checkHistory, countFindings, type History, type Said, type Shown } from './history';

const said = (id: string, at: number, more: Partial<Said> = {}): Said => ({ conversation: 'one', id, saidAtMs: at, acknowledgedAtMs: at + 1, ...more });
const shown = (answers: string, more: Partial<Shown> = {}): Shown => ({ conversation: 'one', answers, ...more });

const good: History = {
  said: [said('a', 0), said('b', 10), said('c', 20)],
  shown: [shown('a', { seen: [] }), shown('b', { seen: ['a'] }), shown('c', { seen: ['a', 'b'] })],
};

test('a history in which each message is answered once and in order has no findings', () => {
  expect(checkHistory(good)).toEqual([]);
});

test('a lost message is reported', () => {
  expect(checkHistory({ ...good, shown: [shown('a'), shown('c')] })).toEqual([{ kind: 'lost', conversation: 'one', id: 'b' }]);
});

test('a message that was never acknowledged may be answered or not', () => {
  const refused: Said = { conversation: 'one', id: 'b', saidAtMs: 10 };
  const messages = [said('a', 0), refused, said('c', 20)];
  expect(checkHistory({ said: messages, shown: [shown('a'), shown('c')] })).toEqual([]);
  expect(checkHistory({ said: messages, shown: [shown('a'), shown('b'), shown('c')] })).toEqual([]);
});

test('a doubled answer is reported for each time too many', () => {
  const findings = checkHistory({ ...good, shown: [shown('a'), shown('a'), shown('b'), shown('c'), shown('a')] });
  expect(findings).toEqual([{ kind: 'doubled', conversation: 'one', id: 'a' }, { kind: 'doubled', conversation: 'one', id: 'a' }]);
});

test('an answer before that of an earlier message is reported', () => {
  expect(checkHistory({ ...good, shown: [shown('a'), shown('c'), shown('b')] })).toEqual([{ kind: 're-ordered', conversation: 'one', id: 'c' }]);
});

test('messages that are on their way at the same time may be answered in any order', () => {
  const messages = [said('a', 0, { acknowledgedAtMs: 50 }), said('b', 10, { acknowledgedAtMs: 40 })];
  expect(checkHistory({ said: messages, shown: [shown('b'), shown('a')] })).toEqual([]);
});

test('the order is that of the numbers where the store gave some', () => {
  const messages = [said('a', 0, { acknowledgedAtMs: 50, number: 2 }), said('b', 10, { acknowledgedAtMs: 40, number: 1 })];
  expect(checkHistory({ said: messages, shown: [shown('b'), shown('a')] })).toEqual([]);
  expect(checkHistory({ said: messages, shown: [shown('a'), shown('b')] })).toEqual([{ kind: 're-ordered', conversation: 'one', id: 'a' }]);
});

test('an answer that was made without the message before it is reported as stale', () => {
  const findings = checkHistory({ ...good, shown: [shown('a', { seen: [] }), shown('b', { seen: ['a'] }), shown('c', { seen: ['a'] })] });
  expect(findings).toEqual([{ kind: 'stale', conversation: 'one', id: 'c' }]);
});

test('an answer to nothing, or in another conversation, is reported', () => {
  const findings = checkHistory({ ...good, shown: [...good.shown, shown('x'), shown('a', { conversation: 'two' })] });
  expect(findings).toEqual([{ kind: 'unasked', conversation: 'one', id: 'x' }, { kind: 'unasked', conversation: 'two', id: 'a' }]);
});

test('a thousand conversations with one fault of each kind give exactly those', () => {
  const histories = Array.from({ length: 1_000 }, (_, index) => {
    const conversation = `c${index}`;
    const messages = ['a', 'b', 'c'].map((id, place) => said(id, place * 10, { conversation }));
    const answers: Record<number, readonly string[]> = { 100: ['a', 'c'], 200: ['a', 'b', 'b', 'c'], 300: ['b', 'a', 'c'] };
    return { said: messages, shown: (answers[index] ?? ['a', 'b', 'c']).map((id) => shown(id, { conversation })) };
  });
  const findings = checkHistory({ said: histories.flatMap((history) => history.said), shown: histories.flatMap((history) => history.shown) });
  expect(findings.map(({ conversation, kind, id }) => `${conversation} ${kind} ${id}`)).toEqual(['c100 lost b', 'c200 doubled b', 'c300 re-ordered b']);
  expect(countFindings(findings)).toEqual({ lost: 1, doubled: 1, 're-ordered': 1, stale: 0, unasked: 0 });
});

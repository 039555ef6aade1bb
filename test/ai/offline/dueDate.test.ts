import { loadDueDates } from '../../../ai/offline/dueDate';

const friday = '2026-11-13T10:00:00Z';

test.each([
  ['Please send it by Wednesday.', friday, '2026-11-18'],
  ['I will call them on Friday.', friday, '2026-11-20'],
  ['I will call them today.', friday, '2026-11-13'],
  ['I will do it tomorrow.', friday, '2026-11-14'],
  ['The report is due on 12.11.2027.', friday, '2027-11-12'],
  ['The report is due on 3.12.26.', friday, '2026-12-03'],
  ['The report is due on 2026-12-03.', friday, '2026-12-03'],
  ['Send it by December 3.', friday, '2026-12-03'],
  ['Finish it by EOW.', '2026-11-10T10:00:00Z', '2026-11-13'],
  ['Finish it by EOW.', friday, '2026-11-13'],
  ['Finish it by EOW.', '2026-11-14T10:00:00Z', '2026-11-20'],
  ['I need this by EOD.', friday, '2026-11-13'],
  ['I need this by COB.', friday, '2026-11-13'],
  ['Please fix it ASAP.', friday, '2026-11-13'],
  ['We ship it in Q1.', friday, '2027-03-31'],
  ['We ship it in Q4.', friday, '2026-12-31'],
  ['Done by the end of the month.', friday, '2026-11-30'],
  ['Done by the end of next week.', friday, '2026-11-20'],
])('%s, said at %s, is due on %s', async (text, saidAt, day) => {
  const findDueDate = await loadDueDates('en');
  expect(findDueDate(text, saidAt)).toBe(day);
});

test.each([
  ['a time of the day', 'We will meet at 10:30.', friday],
  ['minutes from now', 'We have another meeting in thirty minutes.', friday],
  ['no day at all', 'I will look into it.', friday],
  ['a number', 'I will order 12 chairs.', friday],
  ['a day in the past', 'I will check what broke on 3 March 2020.', friday],
  ['a weekday without a day to count from', 'I will call them on Friday.', undefined],
])('%s is no due date', async (_what, text, saidAt) => {
  const findDueDate = await loadDueDates('en');
  expect(findDueDate(text, saidAt)).toBeUndefined();
});

test('a full date needs no day to count from', async () => {
  const findDueDate = await loadDueDates('en');
  expect(findDueDate('The report is due on 3 December 2026.', undefined)).toBe('2026-12-03');
});

test('the day is that of the speaker’s own time zone', async () => {
  const findDueDate = await loadDueDates('en');
  expect(findDueDate('I will do it tomorrow.', '2026-11-13T23:30:00-05:00')).toBe('2026-11-14');
  expect(findDueDate('I will do it tomorrow.', '2026-11-14T00:30:00+09:00')).toBe('2026-11-15');
});

test.each([
  ['de', 'Ich schicke es bis Mittwoch.', '2026-11-18'],
  ['de', 'Ich schicke es morgen.', '2026-11-14'],
  ['fr', 'Je vais le faire demain.', '2026-11-14'],
  ['es', 'Voy a hacerlo mañana.', '2026-11-14'],
  ['nl', 'Klaar op 2026-12-03.', '2026-12-03'],
])('%s: %s', async (language, text, day) => {
  const findDueDate = await loadDueDates(language);
  expect(findDueDate(text, friday)).toBe(day);
});

import { readRecallRequest } from '../../dialogs/recallRequest';

test.each([
  ['What did I tell you about my cat?', 'my cat'],
  ['what have I said about the budget', 'the budget'],
  ['When did we talk about Lisbon?', 'Lisbon'],
  ['Do you remember my birthday?', 'my birthday'],
  ['Do you remember what I said about the budget?', 'the budget'],
  ['Remind me what we agreed on holidays', 'holidays'],
  ['Was habe ich dir über meine Katze erzählt?', 'meine Katze'],
  ['Was haben wir zum Budget besprochen?', 'Budget'],
  ['Erinnerst du dich an meinen Geburtstag?', 'meinen Geburtstag'],
  ['Weißt du noch, was ich dir über Lissabon gesagt habe?', 'Lissabon'],
  ['Que t’ai-je dit sur mon chat ?', 'mon chat'],
  ["Qu'est-ce que je t'ai raconté à propos de Lyon ?", 'Lyon'],
  ['Tu te souviens de mon anniversaire ?', 'mon anniversaire'],
  ['¿Qué te dije sobre mi gato?', 'mi gato'],
  ['¿Te acuerdas de mi cumpleaños?', 'mi cumpleaños'],
])('%s asks for what was said about %s', (question, topic) => {
  expect(readRecallRequest(question)).toBe(topic);
});

test.each(['What is the budget?', 'What did Anna say about the budget?', 'Tell me about my cat', 'Was kostet das?', 'Qu’est-ce que le budget ?', '¿Qué es el presupuesto?', 'remember this: my cat is Momo', `What did I tell you about ${'x'.repeat(300)}?`])(
  '%s is another question', (question) => {
    expect(readRecallRequest(question)).toBeUndefined();
  },
);

test('no question takes long to read', () => {
  const startedAt = performance.now();
  for (const text of ['what did I tell you '.repeat(10), 'weißt du noch daran an was ich dir '.repeat(6), 'qu’est-ce que je t’ai dit de '.repeat(7)]) readRecallRequest(text);
  expect(performance.now() - startedAt).toBeLessThan(100);
});

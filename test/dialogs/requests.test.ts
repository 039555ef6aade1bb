import { readSummaryRequest } from '../../dialogs/summaryRequest';
import { readTranslationRequest } from '../../dialogs/translationRequest';

test.each([
  ['summarize this conversation', { source: 'conversation' }], ['Summarise our chat please.', { source: 'conversation' }], ['summarize the meeting', { source: 'meeting' }],
  ['sum up the discussion so far', { source: 'conversation' }], ['give me a short summary of this channel', { source: 'conversation', length: 'short' }],
  ['Can you summarize it?', { source: 'latest' }], ['summarize the document', { source: 'latest' }], ['recap', {}], ['summarize:', {}],
  ['fasse dieses Gespräch zusammen', { source: 'conversation' }], ['Fass das Dokument kurz zusammen', { source: 'latest', length: 'short' }], ['Bitte fasse zusammen', {}],
  ['das Gespräch zusammenfassen', { source: 'conversation' }], ['Kannst du das zusammenfassen?', { source: 'latest' }], ['es bitte zusammenfassen', { source: 'latest' }],
  ['summarize it in 3 sentences', { source: 'latest', length: 'short' }], ['can you summarise this for me please?', { source: 'latest' }], ['what was it about?', { source: 'latest' }], ['Give me a short summary', { length: 'short' }], ['Zusammenfassung der Besprechung', { source: 'meeting' }], ['zusammenfassen', {}],
  ['résume cette conversation', { source: 'conversation' }], ['résumer le document', { source: 'latest' }], ['fais-moi un résumé de la réunion', { source: 'meeting' }],
  ['resume esta conversación', { source: 'conversation' }], ['resumir el documento', { source: 'latest' }], ['hazme un resumen de la reunión', { source: 'meeting' }],
  ['summarize: Ada: we ship on Friday.', { text: 'Ada: we ship on Friday.' }], ['summarize\nAda: hello there', { text: 'Ada: hello there' }],
  ['summarize The cat sat on the mat.', { text: 'The cat sat on the mat.' }], ['fasse zusammen: Wir liefern am Freitag.', { text: 'Wir liefern am Freitag.' }],
  ['summarize the French Revolution', undefined], ['What did we summarize?', undefined], ['the summary is wrong', undefined], ['summarizer', undefined],
])('reads the request for a summary "%s"', (text, values) => {
  expect(readSummaryRequest(text)).toEqual(values);
});

test.each([
  ['translate good morning to German', { text: 'good morning', language: 'German' }], ['Translate “Good morning” to German', { text: 'Good morning', language: 'German' }],
  ['please translate to French: Where is the station?', { text: 'Where is the station?', language: 'French' }], ['translate to French', { language: 'French' }],
  ['translate into Brazilian Portuguese good night', { text: 'good night', language: 'Brazilian Portuguese' }], ['translate this to Spanish', { source: 'previous', language: 'Spanish' }],
  ['translate this to German: Hello', { text: 'Hello', language: 'German' }], ['translate the document to English please', { source: 'latest', language: 'English' }],
  ['translate it', { source: 'previous' }], ['translate', {}], ['translate good morning', { text: 'good morning' }], ['translate hello to Klingon', { text: 'hello', language: 'Klingon' }],
  ['translate I want to go to school', { text: 'I want to go to school' }], ['translate the way to it', { text: 'the way to it' }],
  ['übersetze guten Morgen auf Englisch', { text: 'guten Morgen', language: 'Englisch' }], ['Übersetze das ins Englische', { source: 'previous', language: 'Englische' }],
  ['übersetzen auf Französisch: Hallo', { text: 'Hallo', language: 'Französisch' }], ['bitte übersetze die Antwort auf Spanisch', { source: 'previous', language: 'Spanisch' }],
  ['traduis bonjour en allemand', { text: 'bonjour', language: 'allemand' }], ['traduire en anglais : Bonsoir', { text: 'Bonsoir', language: 'anglais' }],
  ['traduce buenos días al alemán', { text: 'buenos días', language: 'alemán' }], ['traducir esto a inglés', { source: 'previous', language: 'inglés' }],
  ['translation is hard', undefined], ['How do I translate a page?', undefined],
])('reads the request for a translation "%s"', (text, values) => {
  expect(readTranslationRequest(text)).toEqual(values);
});

test.each(['translate ', 'summarize ', 'fasse ', 'übersetze ', 'traduis ', 'resume '])('reads 100,000 characters after "%s" in no time', (verb) => {
  const startedAt = performance.now();
  for (const filler of ['a ', 'to ', 'a', ' \n', 'auf ins ', ': ']) {
    readSummaryRequest(verb + filler.repeat(100_000 / filler.length));
    readTranslationRequest(verb + filler.repeat(100_000 / filler.length));
  }
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

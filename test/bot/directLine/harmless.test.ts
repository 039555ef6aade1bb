import { withHarmlessAddresses } from '../../../bot/directLine/harmless';

test.each(['javascript:alert(1)', 'JaVaScRiPt:alert(1)', ' java\nscript:alert(1)', '\u0001javascript:alert(1)', 'vbscript:x', 'data:text/html,x', 'data:image/svg+xml,x', 'file:///etc/passwd', 'blob:x', 'filesystem:x'])('%j opens nothing, wherever it stands', (address) => {
  const activity = {
    attachments: [{ contentUrl: address, content: { body: [{ type: 'TextRun', selectAction: { type: 'Action.OpenUrl', url: address } }], buttons: [{ type: 'openUrl', value: address, image: address }] } }],
    entities: [{ citation: [{ appearance: { url: address } }] }],
  };
  expect(JSON.stringify(withHarmlessAddresses(activity))).not.toContain(JSON.stringify(address).slice(1, -1));
});

test.each(['https://a.example/x?y=javascript:1', 'http://a.example', 'mailto:a@b.example', 'tel:1', '/threads/x', '#m1', 'data:image/png;base64,AA', 'data:text/plain,x', 'cid:x'])('%j stays', (address) => {
  expect(withHarmlessAddresses({ url: address })).toEqual({ url: address });
});

test('words stay as they are, whatever they look like', () => {
  const activity = { text: 'javascript:alert(1)', suggestedActions: { actions: [{ type: 'imBack', title: 'x', value: 'javascript:x' }] }, timestamp: new Date(0), n: 1, empty: null };
  expect(withHarmlessAddresses(activity)).toEqual(activity);
});

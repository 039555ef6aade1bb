/** Messages as Microsoft Graph gives them: https://learn.microsoft.com/graph/api/resources/chatmessage */
export interface GraphMessage {
  readonly id: string;
  readonly createdDateTime: string;
  readonly lastModifiedDateTime: string;
  readonly [property: string]: unknown;
}

export interface GraphPerson {
  readonly id: string;
  readonly name: string;
}

export const people = {
  ada: { id: '00000000-0000-4000-8000-00000000ada0', name: 'Ada Lovelace' },
  ben: { id: '00000000-0000-4000-8000-00000000be00', name: 'Ben Okafor' },
  cleo: { id: '00000000-0000-4000-8000-00000000c1e0', name: 'Cleo Sand' },
} as const satisfies Readonly<Record<string, GraphPerson>>;

export interface MessageParts {
  readonly at: string;
  readonly from?: GraphPerson;
  readonly html?: string;
  readonly text?: string;
  readonly [property: string]: unknown;
}

/** A message whose id is its time, as in Teams. */
export function graphMessage({ at, from = people.ada, html, text, ...more }: MessageParts): GraphMessage {
  const createdDateTime = new Date(at).toISOString();
  return {
    id: String(Date.parse(at)),
    replyToId: null,
    etag: String(Date.parse(at)),
    messageType: 'message',
    createdDateTime,
    lastModifiedDateTime: createdDateTime,
    lastEditedDateTime: null,
    deletedDateTime: null,
    subject: null,
    summary: null,
    chatId: null,
    importance: 'normal',
    locale: 'en-us',
    webUrl: null,
    channelIdentity: null,
    policyViolation: null,
    eventDetail: null,
    from: { application: null, device: null, user: { '@odata.type': '#microsoft.graph.teamworkUserIdentity', id: from.id, displayName: from.name, userIdentityType: 'aadUser' } },
    body: html === undefined ? { contentType: 'text', content: text ?? '' } : { contentType: 'html', content: html },
    attachments: [],
    mentions: [],
    reactions: [],
    ...more,
  };
}

export const deletedMessage = (at: string): GraphMessage =>
  graphMessage({ at, deletedDateTime: new Date(Date.parse(at) + 60_000).toISOString(), html: '' });

/** "Ana joined": from nobody; its kind is told only to those who ask for unknown members of enumerations. */
export const systemMessage = (at: string): GraphMessage => ({
  ...graphMessage({ at, html: '<systemEventMessage/>' }),
  messageType: 'systemEventMessage',
  from: null,
  eventDetail: { '@odata.type': '#microsoft.graph.membersAddedEventMessageDetail', visibleHistoryStartDateTime: '0001-01-01T00:00:00Z' },
});

export const botMessage = (at: string, appId: string, html: string, displayName = 'Parley'): GraphMessage => ({
  ...graphMessage({ at, html }),
  from: { application: { '@odata.type': '#microsoft.graph.teamworkApplicationIdentity', id: appId, displayName, applicationIdentityType: 'bot' }, device: null, user: null },
});

/** A message that quotes another, as clients write it since 2021. */
export function quotingMessage(at: string, from: GraphPerson, quoted: GraphMessage, html: string): GraphMessage {
  return graphMessage({
    at, from,
    html: `<attachment id="${quoted.id}"></attachment><p>${html}</p>`,
    attachments: [{
      id: quoted.id, contentType: 'messageReference', contentUrl: null, name: null, thumbnailUrl: null,
      content: JSON.stringify({ messageId: quoted.id, messagePreview: 'WORDS OF SOMEBODY ELSE', messageSender: { user: { id: people.ben.id, displayName: people.ben.name } } }),
    }],
  });
}

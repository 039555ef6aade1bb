/** A personal message of Teams as JSON, with the fields that the service sends (ids are made up). */
export function messageActivity(message: {
  readonly activityId: string;
  readonly conversationId: string;
  readonly appId: string;
  readonly serviceUrl: string;
  readonly text: string;
}): string {
  const now = new Date().toISOString();
  return JSON.stringify({
    type: 'message',
    id: message.activityId,
    timestamp: now,
    localTimestamp: now,
    localTimezone: 'Europe/Berlin',
    serviceUrl: message.serviceUrl,
    channelId: 'msteams',
    from: { id: `29:${message.conversationId}`, name: 'Avery Stone', aadObjectId: '7faf8bdc-4b8a-4f6e-9f0c-0d1d1c2b7a10' },
    conversation: { conversationType: 'personal', tenantId: TENANT_ID, id: message.conversationId },
    recipient: { id: `28:${message.appId}`, name: 'Parley' },
    textFormat: 'plain',
    text: message.text,
    locale: 'en-US',
    entities: [{ locale: 'en-US', country: 'US', platform: 'Web', timezone: 'Europe/Berlin', type: 'clientInfo' }],
    channelData: { tenant: { id: TENANT_ID } },
  });
}

export const APP_ID = '5b7c3f3e-6d0a-4d0b-9a57-2f1d5c1a8e11';
export const TENANT_ID = '0c1b2a3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';

/** Issuer of a tenant's tokens, version 1. */
export const entraIssuer = (tenantId: string): string => `https://sts.windows.net/${tenantId}/`;

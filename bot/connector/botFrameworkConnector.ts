import { ConnectorFactory, type ConnectorClient } from 'botframework-connector';
import type { Activity, ChannelAccount, ConversationParameters } from 'botbuilder';
import type { Connector, ConnectorFor } from './connector';

/**
 * Lets botbuilder's CloudAdapter and TeamsInfo call channels through our client.
 * The SDK's own drops the properties of entities and posts again after an ambiguous failure (4.23.3).
 */
export function createConnectorFactory(connectorFor: ConnectorFor): ConnectorFactory {
  return new BridgeFactory(connectorFor);
}

class BridgeFactory extends ConnectorFactory {
  constructor(private readonly connectorFor: ConnectorFor) {
    super();
  }

  override async create(serviceUrl: string): Promise<ConnectorClient> {
    // The SDK's type is its whole generated client; CloudAdapterBase and TeamsInfo call what is here and nothing else.
    return { conversations: conversationsOver(this.connectorFor(serviceUrl)) } as unknown as ConnectorClient;
  }
}

type Resource = { id: string };
type MembersPage = { members: ChannelAccount[]; continuationToken?: string };

/** The operations by the names that the SDK calls them. */
export interface Conversations {
  sendToConversation(conversationId: string, activity: Partial<Activity>): Promise<Resource>;
  replyToActivity(conversationId: string, activityId: string, activity: Partial<Activity>): Promise<Resource>;
  updateActivity(conversationId: string, activityId: string, activity: Partial<Activity>): Promise<Resource>;
  deleteActivity(conversationId: string, activityId: string): Promise<void>;
  getConversationMembers(conversationId: string): Promise<ChannelAccount[]>;
  getConversationMember(conversationId: string, memberId: string): Promise<ChannelAccount>;
  /** All members in one page. */
  getConversationPagedMembers(conversationId: string): Promise<MembersPage>;
  createConversation(parameters: Partial<ConversationParameters>): Promise<Resource>;
}

function conversationsOver(connector: Connector): Conversations {
  return {
    sendToConversation: async (conversationId, activity) => ({ id: await connector.send(conversationId, withReply(activity, undefined)) }),
    replyToActivity: async (conversationId, activityId, activity) => ({ id: await connector.send(conversationId, withReply(activity, activityId)) }),
    updateActivity: async (conversationId, activityId, activity) => {
      await connector.update(conversationId, activityId, activity);
      return { id: activityId };
    },
    deleteActivity: (conversationId, activityId) => connector.delete(conversationId, activityId),
    getConversationMembers: async (conversationId) => [...(await connector.members(conversationId))],
    getConversationMember: (conversationId, memberId) => connector.member(conversationId, memberId),
    getConversationPagedMembers: async (conversationId) => ({ members: [...(await connector.members(conversationId))] }),
    createConversation: async (parameters) => ({ id: await connector.createConversation(parameters) }),
  };
}

/** The port takes the reply's address from the activity; the SDK gives it beside the activity. */
function withReply(activity: Partial<Activity>, replyToId: string | undefined): Partial<Activity> {
  return activity.replyToId === replyToId ? activity : { ...activity, replyToId };
}

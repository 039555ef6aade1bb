import {
  ActivityHandler, CloudAdapter, ConfigurationBotFrameworkAuthentication, ConversationState, MemoryStorage, UserState,
  type StatePropertyAccessor, type TurnContext,
} from 'botbuilder';
import { DialogSet, DialogTurnStatus, TextPrompt, WaterfallDialog, type DialogState } from 'botbuilder-dialogs';
import { ServiceClientCredentialsFactory } from 'botframework-connector';
import { createServer, plugins } from 'restify';
import { botbuilderAnswer, botbuilderQuestion } from './peerWords';
import { servePeer, type PeerSettings, type RunningPeer } from './peer';

// The smallest bot that botbuilder's documentation would write for this conversation: restify with its body parser,
// CloudAdapter with token validation, a waterfall with one prompt, conversation and user state in memory.
async function startBotbuilder(settings: PeerSettings): Promise<RunningPeer> {
  const adapter = new CloudAdapter(createAuthentication(settings));
  const bot = new ForgetBot(new MemoryStorage());
  const server = createServer();
  server.use(plugins.bodyParser());
  server.post('/api/messages', async (request, response) => adapter.process(request, response, (context) => bot.run(context)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/api/messages`, close: () => new Promise((resolve) => void server.close(resolve)) };
}

/** All the settings, or none of them counts: a partial configuration refuses every token. */
function createAuthentication({ openIdMetadataUrl, appId }: PeerSettings): ConfigurationBotFrameworkAuthentication {
  return new ConfigurationBotFrameworkAuthentication(
    {
      ToChannelFromBotLoginUrl: 'https://login.microsoftonline.com/botframework.com',
      ToChannelFromBotOAuthScope: 'https://api.botframework.com',
      ToBotFromChannelTokenIssuer: 'https://api.botframework.com',
      OAuthUrl: 'https://token.botframework.com',
      ToBotFromChannelOpenIdMetadataUrl: openIdMetadataUrl,
      ToBotFromEmulatorOpenIdMetadataUrl: openIdMetadataUrl,
      CallerId: 'urn:botframework:azure',
      ValidateAuthority: 'false',
    },
    new FixedCredentials(appId),
  );
}

/** A token that is always fresh: no call to Entra ID is measured in any peer. */
class FixedCredentials extends ServiceClientCredentialsFactory {
  constructor(private readonly appId: string) {
    super();
  }

  override isValidAppId = async (appId: string): Promise<boolean> => appId === this.appId;
  override isAuthenticationDisabled = async (): Promise<boolean> => false;
  override createCredentials: ServiceClientCredentialsFactory['createCredentials'] = async () => ({
    signRequest: async (request) => {
      request.headers.set('authorization', 'Bearer bench');
      return request;
    },
  });
}

class ForgetBot extends ActivityHandler {
  constructor(storage: MemoryStorage) {
    super();
    const conversationState = new ConversationState(storage);
    const userState = new UserState(storage);
    const dialogs = createDialogs(conversationState.createProperty('dialogs'), userState.createProperty('profile'));
    this.onMessage(async (context, next) => {
      const dialog = await dialogs.createContext(context);
      const result = await dialog.continueDialog();
      if (result.status === DialogTurnStatus.empty) await dialog.beginDialog('forget');
      await next();
    });
    this.onTurn(async (context, next) => {
      await next();
      await saveChanges(context, conversationState, userState);
    });
  }
}

interface Profile {
  readonly answers: number;
}

function createDialogs(state: StatePropertyAccessor<DialogState>, profile: StatePropertyAccessor<Profile>): DialogSet {
  const dialogs = new DialogSet(state);
  dialogs.add(new TextPrompt('confirmation'));
  dialogs.add(
    new WaterfallDialog('forget', [
      (step) => step.prompt('confirmation', botbuilderQuestion),
      async (step) => {
        const { answers } = await profile.get(step.context, { answers: 0 });
        await profile.set(step.context, { answers: answers + 1 });
        if (step.result === 'yes') await profile.delete(step.context);
        else await step.context.sendActivity(botbuilderAnswer);
        return step.endDialog();
      },
    ]),
  );
  return dialogs;
}

async function saveChanges(context: TurnContext, ...states: readonly (ConversationState | UserState)[]): Promise<void> {
  for (const state of states) await state.saveChanges(context);
}

// Last: classes are not hoisted.
void servePeer(startBotbuilder);

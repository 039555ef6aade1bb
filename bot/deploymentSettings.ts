import { capabilities, type Capability } from '../ai/capability';
import { noLimits, usualContextTokens, type Access, type Api, type Deployment, type DeploymentTable, type Place } from '../ai/deployments';
import type { Settings } from './config';

/** The deployments that AZURE_OPENAI_... or OPENAI_... name: one for each capability, all of one resource. */
export function deploymentsOf(env: Settings): DeploymentTable {
  const rows = capabilities.flatMap((capability) => {
    const place = placeOf(env, capability);
    return place ? [[capability, [toDeployment(env, capability, place)]] as const] : [];
  });
  return Object.fromEntries(rows);
}

function placeOf(env: Settings, capability: Capability): Place | undefined {
  const name = namesOf(env)[capability];
  if (name === undefined) return undefined;
  if (env.AZURE_OPENAI_ENDPOINT !== undefined) return { kind: 'azure', endpoint: env.AZURE_OPENAI_ENDPOINT, deployment: name, apiVersion: env.AZURE_OPENAI_API_VERSION };
  return { kind: 'openai', model: name, ...(env.OPENAI_BASE_URL !== undefined && { baseUrl: env.OPENAI_BASE_URL }) };
}

const namesOf = (env: Settings): Readonly<Record<Capability, string | undefined>> =>
  (env.AZURE_OPENAI_ENDPOINT === undefined
    ? {
        chat: env.OPENAI_MODEL,
        code: env.OPENAI_CODE_MODEL,
        summarize: env.OPENAI_SUMMARIZE_MODEL,
        translate: env.OPENAI_TRANSLATE_MODEL,
        embeddings: env.OPENAI_EMBEDDINGS_MODEL,
        images: env.OPENAI_IMAGES_MODEL,
        transcribe: env.OPENAI_TRANSCRIBE_MODEL,
        speak: env.OPENAI_SPEAK_MODEL,
        moderate: env.OPENAI_MODERATE_MODEL,
      }
    : {
        chat: env.AZURE_OPENAI_DEPLOYMENT,
        code: env.AZURE_OPENAI_CODE_DEPLOYMENT,
        summarize: env.AZURE_OPENAI_SUMMARIZE_DEPLOYMENT,
        translate: env.AZURE_OPENAI_TRANSLATE_DEPLOYMENT,
        embeddings: env.AZURE_OPENAI_EMBEDDINGS_DEPLOYMENT,
        images: env.AZURE_OPENAI_IMAGES_DEPLOYMENT,
        transcribe: env.AZURE_OPENAI_TRANSCRIBE_DEPLOYMENT,
        speak: env.AZURE_OPENAI_SPEAK_DEPLOYMENT,
        moderate: env.AZURE_OPENAI_MODERATE_DEPLOYMENT,
      });

const chats: readonly Capability[] = ['chat', 'code', 'summarize', 'translate'];

function toDeployment(env: Settings, capability: Capability, place: Place): Deployment {
  const contextTokens = env.MODEL_CONTEXT_TOKENS ?? usualContextTokens(place);
  const api: Api = chats.includes(capability) ? env.MODEL_API : 'chat-completions';
  return {
    name: place.kind === 'azure' ? place.deployment : place.model,
    place,
    access: accessOf(env, place),
    api,
    ...(contextTokens !== undefined && { contextTokens }),
    limits: noLimits,
    priority: 1,
    weight: 1,
  };
}

function accessOf(env: Settings, place: Place): Access {
  const key = place.kind === 'azure' ? env.AZURE_OPENAI_API_KEY : env.OPENAI_API_KEY;
  if (key !== undefined) return { kind: 'key', key };
  return { kind: place.kind === 'azure' ? 'entra' : 'none' };
}

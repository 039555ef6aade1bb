import type { Deployment } from '../ai/deployments';
import type { Environment } from '../bot/config';

export interface NewDeployment {
  /** A row for the file that DEPLOYMENTS_FILE names. */
  readonly row: string;
  /** The same by a setting of its own; undefined where a file has the table. */
  readonly setting: string | undefined;
  /** What has to be done before, at Azure: a model that was made is not deployed yet. */
  readonly deploy: string | undefined;
}

/** The line of the deployment table that brings a fine-tuned model into use, beside the deployment that it was made with. */
export function deploymentLine({ place, access, region, contextTokens }: Deployment, model: string, env: Environment): NewDeployment {
  const name = nameFor(model);
  const credential = access.kind === 'key' ? { keyFrom: variableOf(access.key, env) } : access.kind;
  const shared = { ...(region !== undefined && { region }), credential, ...(contextTokens !== undefined && { contextTokens }) };
  const hasFile = ['DEPLOYMENTS_FILE', 'DEPLOYMENTS_TABLE'].some((name) => (env[name] ?? '').trim() !== '');
  if (place.kind === 'openai') {
    const row = JSON.stringify({ name, model, ...(place.baseUrl !== undefined && { baseUrl: place.baseUrl }), ...shared });
    return { row, setting: hasFile ? undefined : `OPENAI_MODEL=${model}`, deploy: undefined };
  }
  return {
    row: JSON.stringify({ name, endpoint: place.endpoint, deployment: name, ...(place.apiVersion !== 'v1' && { apiVersion: place.apiVersion }), ...shared }),
    setting: hasFile ? undefined : `AZURE_OPENAI_DEPLOYMENT=${name}`,
    deploy: `az cognitiveservices account deployment create --name ${resourceOf(place.endpoint)} --resource-group GROUP --deployment-name ${name} --model-name ${model} --model-version 1 --model-format OpenAI --sku-name Standard --sku-capacity 1`,
  };
}

/** As the table wants names: letters, digits, dots and hyphens, at most 60. */
const nameFor = (model: string): string => model.replace(/^ft:/, '').replace(/[^\w.-]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60);

/** Keys stay in the environment: the variable that holds this one. */
const variableOf = (key: string, env: Environment): string => Object.entries(env).find(([, value]) => value === key)?.[0] ?? 'NAME_OF_A_VARIABLE';

const resourceOf = (endpoint: string): string => new URL(endpoint).hostname.split('.', 1)[0] ?? 'NAME';

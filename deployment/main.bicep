targetScope = 'subscription'

import { databasePlan, modelAccount, replicaPlan } from 'types.bicep'

// ---- Names, regions, tags ----

@description('Name of this installation, such as parley-test. Names of resources are made of it.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Region of everything but the model accounts.')
param location string

@description('Resource group that everything is put into; removed with it.')
param resourceGroupName string = 'rg-${environmentName}'

@description('Beginning of the names of resources: lower-case letters and digits.')
@minLength(2)
@maxLength(10)
param namePrefix string = 'parley'

@description('Tags of every resource.')
param tags object = {}

// ---- The bot ----

@description('UserAssignedMSI needs no password. SingleTenant: an app registration of your own.')
@allowed(['UserAssignedMSI', 'SingleTenant'])
param botType string = 'UserAssignedMSI'

@description('Application id of the app registration; for SingleTenant only.')
param botAppId string = ''

@description('Client secret of the app registration; for SingleTenant only.')
@secure()
param botAppPassword string = ''

@description('Name of the bot, as people see it.')
@maxLength(42)
param botDisplayName string = 'Parley'

@description('Tenants whose people may talk to the bot, separated by commas. Empty: the tenant of the subscription.')
param allowedTenants string = ''

@description('Websites that may embed the chat, separated by commas. To show the page as a tab in Teams: https://teams.microsoft.com,https://teams.cloud.microsoft')
param webChatOrigins string = ''

// ---- Where it runs ----

@allowed(['containerApps', 'appService'])
param hosting string = 'containerApps'

param replicas replicaPlan

@description('Size of the machines of App Service.')
param appServiceSku string = 'P0v3'

@description('Replicas in several availability zones. Container Apps need privateNetworking for it.')
param zoneRedundant bool = false

@description('OpenAI, PostgreSQL, the registry and the key vault are reached through private endpoints only.')
param privateNetworking bool = false

@description('Addresses of the virtual network; a /22 or larger.')
param addressPrefix string = '10.20.0.0/22'

@description('Premium is what private endpoints need.')
@allowed(['Basic', 'Standard', 'Premium'])
param registrySku string = 'Basic'

// ---- Models and store ----

@description('Azure OpenAI accounts in one region or more.')
@minLength(1)
param modelAccounts modelAccount[]

@description('Domain of Azure OpenAI: openai.azure.us in Azure Government.')
param modelDomain string = 'openai.azure.com'

param database databasePlan

// ---- Keeping watch ----

@description('Who is told of alerts, and of the budget.')
param alertEmail string

@description('Budget of the resource group for a month, in the currency of the subscription.')
@minValue(1)
param monthlyBudget int

@description('First day of the month in which the budget begins. Give it as it was when you deploy again.')
param budgetStart string = utcNow('yyyy-MM-01')

@description('Days that logs, metrics and traces are kept.')
@minValue(30)
@maxValue(730)
param logDays int = 30

@description('Share of traces that are kept, 0 to 1.')
param traceShare string = '1'

@description('True where auditKey is given.')
param usesAuditKey bool = false

@description('Seals the audit log; 16 characters or more.')
@secure()
param auditKey string = ''

var token = uniqueString(subscription().id, resourceGroupName, location)
var allTags = union({ 'azd-env-name': environmentName, application: 'parley' }, tags)
var appName = '${namePrefix}-${take(token, 8)}'
var isContainerApps = hosting == 'containerApps'
var usesVault = botType == 'SingleTenant' || usesAuditKey

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: resourceGroupName
  location: location
  tags: allTags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: 'id-${appName}'
    location: location
    tags: allTags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    name: appName
    location: location
    tags: allTags
    retentionDays: logDays
    principalId: identity.outputs.principalId
  }
}

module watch 'modules/watch.bicep' = {
  scope: group
  params: {
    name: appName
    location: location
    tags: allTags
    workspaceName: monitoring.outputs.workspaceName
    alertEmail: alertEmail
    monthlyBudget: monthlyBudget
    budgetStart: budgetStart
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  scope: group
  params: {
    name: 'vnet-${appName}'
    location: location
    tags: allTags
    addressPrefix: addressPrefix
    modelDomain: modelDomain
  }
}

var noEndpoints = { subnetId: '', zoneIds: { model: '', database: '', registry: '', vault: '' } }
var endpoints = privateNetworking ? network!.outputs.endpoints : noEndpoints

module registry 'modules/registry.bicep' = {
  scope: group
  params: {
    name: '${namePrefix}${token}'
    location: location
    tags: allTags
    sku: privateNetworking ? 'Premium' : registrySku
    principalId: identity.outputs.principalId
    subnetId: endpoints.subnetId
    zoneId: endpoints.zoneIds.registry
  }
}

module models 'modules/models.bicep' = [
  for account in modelAccounts: {
    scope: group
    params: {
      name: '${appName}-${account.location}'
      location: account.location
      endpointLocation: location
      tags: allTags
      deployments: account.deployments
      principalId: identity.outputs.principalId
      workspaceName: monitoring.outputs.workspaceName
      subnetId: endpoints.subnetId
      zoneId: endpoints.zoneIds.model
    }
  }
]

module store 'modules/database.bicep' = {
  scope: group
  params: {
    name: 'psql-${appName}'
    location: location
    tags: allTags
    plan: database
    identityName: identity.outputs.name
    principalId: identity.outputs.principalId
    workspaceName: monitoring.outputs.workspaceName
    subnetId: endpoints.subnetId
    zoneId: endpoints.zoneIds.database
  }
}

module vault 'modules/vault.bicep' = if (usesVault) {
  scope: group
  params: {
    name: 'kv-${appName}'
    location: location
    tags: allTags
    principalId: identity.outputs.principalId
    botAppPassword: botAppPassword
    auditKey: auditKey
    subnetId: endpoints.subnetId
    zoneId: endpoints.zoneIds.vault
  }
}

module containers 'modules/containerEnvironment.bicep' = if (isContainerApps) {
  scope: group
  params: {
    name: 'cae-${appName}'
    location: location
    tags: allTags
    workspaceName: monitoring.outputs.workspaceName
    subnetId: privateNetworking ? network!.outputs.containersSubnetId : ''
    zoneRedundant: zoneRedundant && privateNetworking
  }
}

var hostName = isContainerApps ? '${appName}.${containers!.outputs.defaultDomain}' : '${appName}.azurewebsites.net'

// ---- What the program is told: names are those of .env.example ----

// Each deployment with the address of its account, as a row of docs/models.md.
var placed = flatten(map(
  modelAccounts,
  account =>
    map(account.deployments, deployment => {
      capabilities: deployment.capabilities
      row: {
        name: '${deployment.name}-${account.location}'
        endpoint: 'https://${appName}-${account.location}.${modelDomain}'
        deployment: deployment.name
        region: account.location
        priority: deployment.priority
      }
    })
))
var capabilities = union([], flatten(map(placed, deployment => deployment.capabilities)))
var deploymentsTable = toObject(
  capabilities,
  capability => capability,
  capability =>
    map(filter(placed, deployment => contains(deployment.capabilities, capability)), deployment => deployment.row)
)

var everySetting = {
  HOST: '0.0.0.0'
  PORT: '3978'
  PUBLIC_URL: 'https://${hostName}'
  TRUSTED_PROXY_HOPS: '1'
  REPLICAS: string(replicas.max)
  DATABASE_URL: 'postgresql://${identity.outputs.name}@${store.outputs.host}:5432/${store.outputs.databaseName}?sslmode=verify-full'
  DATABASE_ENTRA_AUTH: 'true'
  AZURE_CLIENT_ID: identity.outputs.clientId
  MicrosoftAppId: botType == 'SingleTenant' ? botAppId : identity.outputs.clientId
  MicrosoftAppType: botType
  MicrosoftAppTenantId: tenant().tenantId
  ALLOWED_TENANTS: empty(allowedTenants) ? tenant().tenantId : allowedTenants
  WEBCHAT_ALLOWED_ORIGINS: webChatOrigins
  DEPLOYMENTS_TABLE: string(deploymentsTable)
  OTEL_SERVICE_NAME: appName
  OTEL_TRACES_SAMPLER_ARG: traceShare
}
var settings = toObject(filter(items(everySetting), item => !empty(item.value)), item => item.key, item => item.value)

// Settings whose values are in the key vault, by the names that they have there.
var vaultSettings = union(
  botType == 'SingleTenant' ? { MicrosoftAppPassword: 'bot-app-password' } : {},
  usesAuditKey ? { AUDIT_KEY: 'audit-key' } : {}
)

var plan = {
  appName: appName
  identityName: identity.outputs.name
  environmentName: isContainerApps ? containers!.outputs.name : ''
  applicationInsightsName: monitoring.outputs.applicationInsightsName
  vaultUri: usesVault ? vault!.outputs.uri : ''
  settings: settings
  vaultSettings: vaultSettings
  replicas: replicas
  tags: allTags
}

module web 'modules/appService.bicep' = if (!isContainerApps) {
  scope: group
  params: {
    location: location
    sku: appServiceSku
    zoneRedundant: zoneRedundant
    registryHost: registry.outputs.host
    subnetId: privateNetworking ? network!.outputs.webSubnetId : ''
    plan: plan
  }
}

module bot 'modules/bot.bicep' = {
  scope: group
  params: {
    name: 'bot-${appName}'
    tags: allTags
    displayName: botDisplayName
    endpoint: 'https://${hostName}/api/messages'
    type: botType
    appId: botType == 'SingleTenant' ? botAppId : identity.outputs.clientId
    identityName: identity.outputs.name
  }
}

// azd keeps outputs as texts of its environment; parley.bicep takes them from there (parley.parameters.json).
output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = registry.outputs.host
@description('Address of the chat, and of the tab in Teams.')
output PARLEY_URL string = 'https://${hostName}'
@description('App id of the bot: MicrosoftAppId of the Teams app package.')
output PARLEY_BOT_ID string = everySetting.MicrosoftAppId
@description('What the host has to know of the app, without secrets: JSON in base64, for it passes through files that have quotation marks of their own.')
output PARLEY_PLAN string = base64(string(plan))
output PARLEY_APP_NAME string = appName
output PARLEY_MODEL_ENDPOINTS array = [for (account, index) in modelAccounts: models[index].outputs.endpoint]

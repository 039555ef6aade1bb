import { modelDeployment } from '../types.bicep'

@description('Also the beginning of its address, unique in Azure.')
@minLength(2)
@maxLength(64)
param name string

param location string

@description('Region of the virtual network; private endpoints are there.')
param endpointLocation string

param tags object
param deployments modelDeployment[]

@description('Who may ask the models.')
param principalId string

param workspaceName string

@description('Subnet of its private endpoint; empty: it is reached publicly, by those whom Entra ID lets in.')
param subnetId string

param zoneId string

var isPrivate = !empty(subnetId)
var openAIUser = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd')

resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'OpenAI'
  sku: {
    name: 'S0'
  }
  properties: {
    customSubDomainName: name
    disableLocalAuth: true // no keys: nobody can lose one
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }
}

var harms = ['Hate', 'Sexual', 'Violence', 'Selfharm']

@description('Harmful texts from medium severity on, attacks in what people write and in what they give to read, and texts and code of others. https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter')
resource policy 'Microsoft.CognitiveServices/accounts/raiPolicies@2025-06-01' = {
  parent: account
  name: 'parley'
  properties: {
    basePolicyName: 'Microsoft.DefaultV2'
    mode: 'Blocking'
    contentFilters: concat(
      map(harms, harm => { name: harm, source: 'Prompt', severityThreshold: 'Medium', blocking: true, enabled: true }),
      map(harms, harm => { name: harm, source: 'Completion', severityThreshold: 'Medium', blocking: true, enabled: true }),
      map(['Jailbreak', 'Indirect Attack'], attack => { name: attack, source: 'Prompt', blocking: true, enabled: true }),
      [
        { name: 'Protected Material Text', source: 'Completion', blocking: true, enabled: true }
        { name: 'Protected Material Code', source: 'Completion', blocking: false, enabled: true }
      ]
    )
  }
}

// One after the other: an account takes one change at a time.
@batchSize(1)
resource deployed 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = [
  for deployment in deployments: {
    parent: account
    name: deployment.name
    sku: {
      name: deployment.sku
      capacity: deployment.capacity
    }
    properties: {
      model: {
        format: 'OpenAI'
        name: deployment.model
        version: deployment.version
      }
      raiPolicyName: policy.name
      versionUpgradeOption: 'OnceCurrentVersionExpired'
    }
  }
]

resource use 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, principalId, openAIUser)
  scope: account
  properties: {
    roleDefinitionId: openAIUser
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

@description('Who was let in, and platform metrics. Requests and answers are not logged.')
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'workspace'
  scope: account
  properties: {
    workspaceId: workspace.id
    logs: [
      {
        category: 'Audit'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

module endpoint 'privateEndpoint.bicep' = if (isPrivate) {
  params: {
    name: 'pe-${name}'
    location: endpointLocation
    tags: tags
    targetId: account.id
    groupId: 'account'
    subnetId: subnetId
    zoneId: zoneId
  }
  dependsOn: [deployed]
}

output endpoint string = account.properties.endpoint

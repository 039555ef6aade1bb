@minLength(3)
@maxLength(24)
param name string

param location string
param tags object

@description('Who reads the secrets.')
param principalId string

@secure()
param botAppPassword string

@secure()
param auditKey string

@description('Subnet of its private endpoint; empty: it is reached publicly, by those whom Entra ID lets in.')
param subnetId string

param zoneId string

var isPrivate = !empty(subnetId)
var secretsUser = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: isPrivate ? 'Deny' : 'Allow'
    }
  }
}

resource password 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(botAppPassword)) {
  parent: vault
  name: 'bot-app-password'
  properties: {
    value: botAppPassword
  }
}

resource audit 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(auditKey)) {
  parent: vault
  name: 'audit-key'
  properties: {
    value: auditKey
  }
}

resource read 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, secretsUser)
  scope: vault
  properties: {
    roleDefinitionId: secretsUser
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

module endpoint 'privateEndpoint.bicep' = if (isPrivate) {
  params: {
    name: 'pe-${name}'
    location: location
    tags: tags
    targetId: vault.id
    groupId: 'vault'
    subnetId: subnetId
    zoneId: zoneId
  }
}

output uri string = vault.properties.vaultUri

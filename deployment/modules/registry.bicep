@description('Letters and digits, unique in Azure.')
@minLength(5)
@maxLength(50)
param name string

param location string
param tags object
param sku string

@description('Who pulls images.')
param principalId string

@description('Subnet of its private endpoint; empty: it is reached publicly, by those whom Entra ID lets in.')
param subnetId string

param zoneId string

var isPrivate = !empty(subnetId)
var acrPull = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: sku
  }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    networkRuleBypassOptions: 'AzureServices'
  }
}

resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, principalId, acrPull)
  scope: registry
  properties: {
    roleDefinitionId: acrPull
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

module endpoint 'privateEndpoint.bicep' = if (isPrivate) {
  params: {
    name: 'pe-${name}'
    location: location
    tags: tags
    targetId: registry.id
    groupId: 'registry'
    subnetId: subnetId
    zoneId: zoneId
  }
}

output host string = registry.properties.loginServer

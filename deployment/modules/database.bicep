import { databasePlan } from '../types.bicep'

@description('Also the beginning of its address, unique in Azure.')
@minLength(3)
@maxLength(63)
param name string

param location string
param tags object
param plan databasePlan

@description('Name of the identity that Parley signs in as: also the name of its role in the database.')
param identityName string

param principalId string
param workspaceName string

@description('Subnet of its private endpoint; empty: services in Azure reach it, and Entra ID lets only Parley in.')
param subnetId string

param zoneId string

var isPrivate = !empty(subnetId)

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: plan.sku
    tier: plan.tier
  }
  properties: {
    version: '17'
    createMode: 'Default'
    authConfig: {
      activeDirectoryAuth: 'Enabled'
      passwordAuth: 'Disabled'
      tenantId: tenant().tenantId
    }
    storage: {
      storageSizeGB: plan.storageGb
      autoGrow: 'Enabled'
    }
    backup: {
      backupRetentionDays: plan.backupDays
      geoRedundantBackup: plan.geoRedundantBackup ? 'Enabled' : 'Disabled'
    }
    highAvailability: {
      mode: plan.highAvailability
    }
    network: {
      publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    }
  }
}

@description('The server holds one database, and Parley owns it.')
resource owner 'Microsoft.DBforPostgreSQL/flexibleServers/administrators@2025-08-01' = {
  parent: server
  name: principalId
  properties: {
    principalName: identityName
    principalType: 'ServicePrincipal'
    tenantId: tenant().tenantId
  }
}

resource database 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2025-08-01' = {
  parent: server
  name: 'parley'
  properties: {
    charset: 'UTF8'
    collation: 'en_US.utf8'
  }
  dependsOn: [owner] // a server takes one change at a time
}

@description('0.0.0.0 stands for services within Azure.')
resource azureOnly 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules@2025-08-01' = if (!isPrivate) {
  parent: server
  name: 'azure-services'
  properties: {
    startIpAddress: '0.0.0.0'
    endIpAddress: '0.0.0.0'
  }
  dependsOn: [database]
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'workspace'
  scope: server
  properties: {
    workspaceId: workspace.id
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
    location: location
    tags: tags
    targetId: server.id
    groupId: 'postgresqlServer'
    subnetId: subnetId
    zoneId: zoneId
  }
  dependsOn: [database]
}

output host string = server.properties.fullyQualifiedDomainName
output databaseName string = database.name

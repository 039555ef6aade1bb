param location string
param sku string
param zoneRedundant bool

@description('Host of the registry; the image is parley:latest.')
param registryHost string

@description('Subnet that its own calls go out of; empty: a network that Azure runs.')
param subnetId string

@description('Made by main.bicep.')
param plan object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: plan.identityName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: plan.applicationInsightsName
}

resource farm 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'asp-${plan.appName}'
  location: location
  tags: plan.tags
  kind: 'linux'
  sku: {
    name: sku
    capacity: plan.replicas.min
  }
  properties: {
    reserved: true // Linux
    zoneRedundant: zoneRedundant
  }
}

var fixed = {
  WEBSITES_PORT: plan.settings.PORT
  WEBSITES_ENABLE_APP_SERVICE_STORAGE: 'false'
  WEBSITES_CONTAINER_STOP_TIME_LIMIT: '45' // SIGTERM drains within 25 seconds
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
}
var referred = toObject(
  items(plan.vaultSettings),
  item => item.key,
  item => '@Microsoft.KeyVault(SecretUri=${plan.vaultUri}secrets/${item.value})'
)

resource site 'Microsoft.Web/sites@2024-04-01' = {
  name: plan.appName
  location: location
  tags: plan.tags
  kind: 'app,linux,container'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: farm.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      linuxFxVersion: 'DOCKER|${registryHost}/parley:latest'
      acrUseManagedIdentityCreds: true
      acrUserManagedIdentityID: identity.properties.clientId
      alwaysOn: true
      webSocketsEnabled: true
      http20Enabled: true
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
      healthCheckPath: '/readyz'
      vnetRouteAllEnabled: !empty(subnetId)
      appSettings: map(items(union(plan.settings, fixed, referred)), item => { name: item.key, value: item.value })
    }
  }
}

resource scale 'Microsoft.Insights/autoscalesettings@2022-10-01' = {
  name: 'scale-${plan.appName}'
  location: location
  tags: plan.tags
  properties: {
    enabled: true
    targetResourceUri: farm.id
    profiles: [
      {
        name: 'processor'
        capacity: {
          minimum: string(plan.replicas.min)
          maximum: string(plan.replicas.max)
          default: string(plan.replicas.min)
        }
        rules: [
          {
            metricTrigger: {
              metricName: 'CpuPercentage'
              metricResourceUri: farm.id
              timeGrain: 'PT1M'
              statistic: 'Average'
              timeWindow: 'PT5M'
              timeAggregation: 'Average'
              operator: 'GreaterThan'
              threshold: 70
            }
            scaleAction: {
              direction: 'Increase'
              type: 'ChangeCount'
              value: '1'
              cooldown: 'PT5M'
            }
          }
          {
            metricTrigger: {
              metricName: 'CpuPercentage'
              metricResourceUri: farm.id
              timeGrain: 'PT1M'
              statistic: 'Average'
              timeWindow: 'PT15M'
              timeAggregation: 'Average'
              operator: 'LessThan'
              threshold: 30
            }
            scaleAction: {
              direction: 'Decrease'
              type: 'ChangeCount'
              value: '1'
              cooldown: 'PT15M'
            }
          }
        ]
      }
    ]
  }
}

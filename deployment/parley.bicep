// The container app: deployed anew with each image ("azd deploy"), on what main.bicep has made.

@description('Image with tag or digest.')
param image string

@description('Host of the registry that the image is pulled from.')
param registryHost string

@description('PARLEY_PLAN, an output of main.bicep.')
param encodedPlan string

param location string = resourceGroup().location

var plan = json(base64ToString(encodedPlan))
var port = int(plan.settings.PORT)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: plan.identityName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: plan.applicationInsightsName
}

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' existing = {
  name: plan.environmentName
}

var plain = union(plan.settings, { APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString })
var vaultSettings = items(plan.vaultSettings)

resource app 'Microsoft.App/containerApps@2025-01-01' = {
  name: plan.appName
  location: location
  tags: union(plan.tags, { 'azd-service-name': 'parley' })
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      maxInactiveRevisions: 5
      ingress: {
        external: true
        allowInsecure: false
        targetPort: port
        transport: 'auto'
      }
      registries: [
        {
          server: registryHost
          identity: identity.id
        }
      ]
      secrets: map(vaultSettings, item => {
        name: item.value
        keyVaultUrl: '${plan.vaultUri}secrets/${item.value}'
        identity: identity.id
      })
    }
    template: {
      terminationGracePeriodSeconds: 45 // SIGTERM drains within 25 seconds
      containers: [
        {
          name: 'parley'
          image: image
          resources: {
            cpu: json(plan.replicas.cpu)
            memory: plan.replicas.memory
          }
          env: concat(
            map(items(plain), item => { name: item.key, value: item.value }),
            map(vaultSettings, item => { name: item.key, secretRef: item.value })
          )
          probes: [
            {
              type: 'Startup'
              httpGet: {
                path: '/healthz'
                port: port
              }
              periodSeconds: 3
              timeoutSeconds: 3
              failureThreshold: 30
            }
            {
              type: 'Liveness'
              httpGet: {
                path: '/healthz'
                port: port
              }
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 6
            }
            {
              type: 'Readiness'
              httpGet: {
                path: '/readyz'
                port: port
              }
              periodSeconds: 5
              timeoutSeconds: 5
              failureThreshold: 3
            }
          ]
        }
      ]
      scale: {
        minReplicas: plan.replicas.min
        maxReplicas: plan.replicas.max
        rules: [
          {
            name: 'requests'
            http: {
              metadata: {
                concurrentRequests: '100'
              }
            }
          }
          {
            name: 'processor'
            custom: {
              type: 'cpu'
              metadata: {
                type: 'Utilization'
                value: '70'
              }
            }
          }
        ]
      }
    }
  }
}

output PARLEY_URL string = 'https://${app.properties.configuration.ingress.fqdn}'

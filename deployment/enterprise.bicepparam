using 'main.bicep'

// A company: zone redundant, private endpoints, two regions of models, geo-redundant backups.
//
// What it costs in a month, by what drives it (prices: https://azure.microsoft.com/pricing/calculator):
// - PostgreSQL: Standard_D2ds_v5 twice (the standby in another zone costs as much), 128 GB, 35 days of geo-redundant backups
// - Container Apps: three to twelve replicas of 1 core and 2 GiB
// - Azure OpenAI: tokens in two regions; provisioned capacity, where it is asked for, costs by the hour whether used or not
// - Registry Premium (private endpoints need it), five private endpoints and their traffic, four private DNS zones
// - Log Analytics and Application Insights: gigabytes that are taken in, kept for 90 days; a tenth of the traces
// - Azure Bot S1: messages of Direct Line; Teams' are free. Key vault: next to nothing. Alerts: five rules, each five minutes

var installation = readEnvironmentVariable('AZURE_ENV_NAME')
var region = readEnvironmentVariable('AZURE_LOCATION')
var modelRegion = readEnvironmentVariable('PARLEY_MODEL_LOCATION', '')
var sealingKey = readEnvironmentVariable('PARLEY_AUDIT_KEY', '')

param environmentName = installation
param location = region
param alertEmail = readEnvironmentVariable('PARLEY_ALERT_EMAIL')
param monthlyBudget = int(readEnvironmentVariable('PARLEY_MONTHLY_BUDGET', '2500'))
param budgetStart = readEnvironmentVariable('PARLEY_BUDGET_START')
param tags = {
  environment: installation
  criticality: 'high'
}

param hosting = readEnvironmentVariable('PARLEY_HOSTING', 'containerApps')
param botType = readEnvironmentVariable('PARLEY_BOT_TYPE', 'UserAssignedMSI')
param botAppId = readEnvironmentVariable('PARLEY_BOT_APP_ID', '')
param botAppPassword = readEnvironmentVariable('PARLEY_BOT_APP_PASSWORD', '')
param usesAuditKey = !empty(sealingKey)
param auditKey = sealingKey
param webChatOrigins = readEnvironmentVariable('PARLEY_WEBCHAT_ORIGINS', '')

param privateNetworking = true
param zoneRedundant = true
param registrySku = 'Premium'
param logDays = 90
param traceShare = '0.1'

param replicas = {
  min: 3
  max: 12
  cpu: '1.0'
  memory: '2Gi'
}

param database = {
  sku: 'Standard_D2ds_v5'
  tier: 'GeneralPurpose'
  storageGb: 128
  highAvailability: 'ZoneRedundant'
  backupDays: 35
  geoRedundantBackup: true
}

param modelAccounts = [
  {
    location: empty(modelRegion) ? region : modelRegion
    deployments: [
      {
        name: 'chat'
        model: 'gpt-5-mini'
        version: '2025-08-07'
        sku: 'DataZoneStandard'
        capacity: 300
        capabilities: ['chat']
        priority: 1
      }
      {
        name: 'embeddings'
        model: 'text-embedding-3-small'
        version: '1'
        sku: 'DataZoneStandard'
        capacity: 200
        capabilities: ['embeddings']
        priority: 1
      }
    ]
  }
  {
    location: readEnvironmentVariable('PARLEY_SECOND_MODEL_LOCATION')
    deployments: [
      {
        name: 'chat'
        model: 'gpt-5-mini'
        version: '2025-08-07'
        sku: 'DataZoneStandard'
        capacity: 300
        capabilities: ['chat']
        priority: 2
      }
      {
        name: 'embeddings'
        model: 'text-embedding-3-small'
        version: '1'
        sku: 'DataZoneStandard'
        capacity: 200
        capabilities: ['embeddings']
        priority: 2
      }
    ]
  }
]

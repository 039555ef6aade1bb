using 'main.bicep'

// A team or a trial: two small replicas, one region, public endpoints behind Entra ID.
//
// What it costs in a month, by what drives it (prices: https://azure.microsoft.com/pricing/calculator):
// - Container Apps: two replicas that never sleep, 0.5 cores and 1 GiB each (idle rate for most of the time)
// - PostgreSQL: Standard_B1ms, 32 GB, seven days of backups
// - Azure OpenAI: tokens; nothing while nobody asks
// - Azure Bot S1: messages of Direct Line; Teams' are free
// - Log Analytics and Application Insights: gigabytes that are taken in; about 0.3 GB a month for each replica, and traces
// - Registry Basic; alerts: five rules, each five minutes

var installation = readEnvironmentVariable('AZURE_ENV_NAME')
var region = readEnvironmentVariable('AZURE_LOCATION')
var modelRegion = readEnvironmentVariable('PARLEY_MODEL_LOCATION', '')
var sealingKey = readEnvironmentVariable('PARLEY_AUDIT_KEY', '')

param environmentName = installation
param location = region
param alertEmail = readEnvironmentVariable('PARLEY_ALERT_EMAIL')
param monthlyBudget = int(readEnvironmentVariable('PARLEY_MONTHLY_BUDGET', '150'))
param budgetStart = readEnvironmentVariable('PARLEY_BUDGET_START')
param tags = {
  environment: installation
}

param hosting = readEnvironmentVariable('PARLEY_HOSTING', 'containerApps')
param botType = readEnvironmentVariable('PARLEY_BOT_TYPE', 'UserAssignedMSI')
param botAppId = readEnvironmentVariable('PARLEY_BOT_APP_ID', '')
param botAppPassword = readEnvironmentVariable('PARLEY_BOT_APP_PASSWORD', '')
param usesAuditKey = !empty(sealingKey)
param auditKey = sealingKey
param webChatOrigins = readEnvironmentVariable('PARLEY_WEBCHAT_ORIGINS', '')

param replicas = {
  min: 2
  max: 3
  cpu: '0.5'
  memory: '1Gi'
}

param database = {
  sku: 'Standard_B1ms'
  tier: 'Burstable'
  storageGb: 32
  highAvailability: 'Disabled'
  backupDays: 7
  geoRedundantBackup: false
}

param modelAccounts = [
  {
    location: empty(modelRegion) ? region : modelRegion
    deployments: [
      {
        name: 'chat'
        model: 'gpt-5-mini'
        version: '2025-08-07'
        sku: 'GlobalStandard'
        capacity: 50
        capabilities: ['chat']
        priority: 1
      }
      {
        name: 'embeddings'
        model: 'text-embedding-3-small'
        version: '1'
        sku: 'GlobalStandard'
        capacity: 50
        capabilities: ['embeddings']
        priority: 1
      }
    ]
  }
]

@export()
@description('A model that is deployed, and what Parley uses it for. Models, versions and capacity differ by region: https://learn.microsoft.com/azure/ai-foundry/openai/concepts/models')
type modelDeployment = {
  @description('Name of the deployment.')
  name: string

  model: string

  version: string

  @description('Where requests are processed: Standard in the region, DataZoneStandard in the EU or the US, GlobalStandard anywhere, ProvisionedManaged on capacity of your own.')
  sku: 'Standard' | 'DataZoneStandard' | 'GlobalStandard' | 'ProvisionedManaged' | 'DataZoneProvisionedManaged' | 'GlobalProvisionedManaged'

  @description('Thousands of tokens a minute; units where capacity is provisioned.')
  @minValue(1)
  capacity: int

  @description('What it is asked for (docs/models.md).')
  capabilities: ('chat' | 'code' | 'summarize' | 'translate' | 'embeddings' | 'images' | 'transcribe' | 'speak' | 'moderate')[]

  @description('Lower ones are asked first.')
  priority: int
}

@export()
@description('An Azure OpenAI account in one region.')
type modelAccount = {
  location: string
  deployments: modelDeployment[]
}

@export()
type replicaPlan = {
  @description('Two or more: one may be restarted without anybody noticing.')
  @minValue(2)
  min: int

  @minValue(2)
  max: int

  @description('Cores of each, such as 0.5.')
  cpu: string

  @description('Memory of each, such as 1Gi.')
  memory: string
}

@export()
type databasePlan = {
  @description('Such as Standard_B1ms.')
  sku: string

  tier: 'Burstable' | 'GeneralPurpose' | 'MemoryOptimized'

  storageGb: int

  @description('ZoneRedundant needs GeneralPurpose or MemoryOptimized, and a region with zones.')
  highAvailability: 'Disabled' | 'SameZone' | 'ZoneRedundant'

  @minValue(7)
  @maxValue(35)
  backupDays: int

  geoRedundantBackup: bool
}

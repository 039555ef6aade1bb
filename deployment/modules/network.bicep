param name string
param location string
param tags object

@description('A /22 or larger.')
param addressPrefix string

param modelDomain string

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [addressPrefix]
    }
    subnets: [
      {
        name: 'containers'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 24, 0)
          delegations: [
            {
              name: 'containers'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'web'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 24, 1)
          delegations: [
            {
              name: 'web'
              properties: {
                serviceName: 'Microsoft.Web/serverFarms'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 24, 2)
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
    ]
  }

  resource containers 'subnets' existing = {
    name: 'containers'
  }

  resource web 'subnets' existing = {
    name: 'web'
  }

  resource endpoints 'subnets' existing = {
    name: 'endpoints'
  }
}

// https://learn.microsoft.com/azure/private-link/private-endpoint-dns
var zoneNames = [
  'privatelink.${modelDomain}'
  'privatelink.postgres.database.azure.com'
  'privatelink${environment().suffixes.acrLoginServer}'
  'privatelink.vaultcore.azure.net'
]

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zoneName in zoneNames: {
    name: zoneName
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zoneName, index) in zoneNames: {
    parent: zones[index]
    name: name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: network.id
      }
    }
  }
]

output containersSubnetId string = network::containers.id
output webSubnetId string = network::web.id
@description('Where private endpoints are put, and the DNS zone of each kind.')
output endpoints {
  subnetId: string
  zoneIds: { model: string, database: string, registry: string, vault: string }
} = {
  subnetId: network::endpoints.id
  zoneIds: {
    model: zones[0].id
    database: zones[1].id
    registry: zones[2].id
    vault: zones[3].id
  }
}

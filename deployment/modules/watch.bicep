param name string
param location string
param tags object
param workspaceName string
param alertEmail string
param monthlyBudget int

@description('yyyy-MM-dd, the first of a month.')
param budgetStart string

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${name}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'parley'
    enabled: true
    emailReceivers: [
      {
        name: 'operators'
        emailAddress: alertEmail
        useCommonAlertSchema: true
      }
    ]
  }
}

// What each means and what to do: docs/runbook.md, under the same names. Metrics are those of docs/operations.md.
var rules = [
  {
    name: 'error-rate'
    title: 'Turns fail'
    severity: 1
    threshold: 5
    operator: 'GreaterThan'
    query: loadTextContent('../queries/error-rate.kql')
  }
  {
    name: 'backlog-age'
    title: 'People wait for answers'
    severity: 1
    threshold: 60
    operator: 'GreaterThan'
    query: loadTextContent('../queries/backlog-age.kql')
  }
  {
    name: 'rate-limited'
    title: 'Models refuse requests because there are too many (429)'
    severity: 2
    threshold: 10
    operator: 'GreaterThan'
    query: loadTextContent('../queries/rate-limited.kql')
  }
  {
    name: 'not-delivered'
    title: 'Answers do not arrive'
    severity: 1
    threshold: 0
    operator: 'GreaterThan'
    query: loadTextContent('../queries/not-delivered.kql')
  }
  {
    name: 'silent'
    title: 'No replica reports'
    severity: 0
    threshold: 1
    operator: 'LessThan'
    query: loadTextContent('../queries/silent.kql')
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${name}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: '${name}: ${rule.title}'
      description: 'docs/runbook.md#${rule.name}'
      severity: rule.severity
      enabled: true
      scopes: [workspace.id]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      skipQueryValidation: true // the tables are made when the first data arrive
      criteria: {
        allOf: [
          {
            query: rule.query
            metricMeasureColumn: 'value'
            timeAggregation: 'Maximum'
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [people.id]
      }
    }
  }
]

resource budget 'Microsoft.Consumption/budgets@2023-05-01' = {
  name: 'budget-${name}'
  properties: {
    category: 'Cost'
    amount: monthlyBudget
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: budgetStart
    }
    notifications: {
      actual80: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: [alertEmail]
        contactGroups: [people.id]
      }
      forecast100: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: [alertEmail]
        contactGroups: [people.id]
      }
    }
  }
}

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, name, 'workbook')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Parley (${name})'
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: workspace.id
    serializedData: loadTextContent('../workbook.json')
  }
}

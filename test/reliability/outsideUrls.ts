/**
 * Sixty addresses that the bot must not call, whoever names them. `port`: of a server on this machine that would tell.
 * Those below sharepoint.com are allowed by name; where they lead to is not (see `deceitfulNames`).
 */
export const outsideUrls = (port: number): readonly string[] => [
  // what gives out the machine's identity, and other things on the inside
  'http://169.254.169.254/latest/meta-data',
  'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net',
  'https://169.254.169.254/',
  'http://168.63.129.16/machine',
  'http://metadata.google.internal/computeMetadata/v1/',
  'http://100.100.100.200/latest/meta-data',
  'http://10.0.0.1/',
  'http://172.16.0.1/',
  'https://192.168.0.1/',
  'http://100.64.0.1/',
  'https://[fd00::1]/',
  'https://[fe80::1]/',
  // this machine, written in all ways
  `http://127.0.0.1:${port}/`,
  `https://127.0.0.1:${port}/`,
  `http://localhost:${port}/`,
  `http://LOCALHOST:${port}/`,
  `http://localhost.:${port}/`,
  `http://127.0.0.1.:${port}/`,
  `http://127.1:${port}/`,
  `http://127.127.127.127:${port}/`,
  `http://2130706433:${port}/`,
  `http://0x7f000001:${port}/`,
  `http://0177.0.0.1:${port}/`,
  `http://①②⑦.⓪.⓪.①:${port}/`,
  `http://0.0.0.0:${port}/`,
  `http://0:${port}/`,
  `http://[::1]:${port}/`,
  `http://[::]:${port}/`,
  `http://[::ffff:127.0.0.1]:${port}/`,
  `http://[::ffff:7f00:1]:${port}/`,
  `http://[64:ff9b::7f00:1]:${port}/`,
  `http://[2002:7f00:1::]:${port}/`,
  `http://127.0.0.1.nip.io:${port}/`,
  // known hosts without what makes them safe
  'http://smba.trafficmanager.net/emea/',
  'http://contoso.sharepoint.com/x',
  'https://smba.trafficmanager.net:8443/',
  'https://smba.trafficmanager.net./emea/',
  'https://user:password@smba.trafficmanager.net/',
  // what looks like them
  'https://smba.trafficmanager.net.evil.example/',
  'https://smba-trafficmanager.net/',
  'https://evilbotframework.com/',
  'https://botframework.com.evil.example/',
  'https://smba.trafficmanаger.net/',
  'https://smba.xn--trafficmanger-4ng.net/',
  'https://smba.trafficmanager.net@evil.example/',
  'https://evil.example\\@smba.trafficmanager.net/',
  'https://evil.example#@smba.trafficmanager.net/',
  'https://evil.example?.botframework.com/',
  'https://smba.trafficmanager.net%2f@evil.example/',
  'https://contoso.sharepoint.com.evil.example/x',
  'https://evilsharepoint.com/x',
  // no web at all
  'file:///etc/passwd',
  `gopher://127.0.0.1:${port}/_x`,
  'ftp://contoso.sharepoint.com/x',
  'unix:/var/run/docker.sock',
  '//evil.example/',
  // allowed names that lead elsewhere
  'https://inside.sharepoint.com/x',
  'https://half.sharepoint.com/x',
  'https://rebinding.sharepoint.com/x',
  'https://redirecting.sharepoint.com/x',
];

const PUBLIC = '52.112.0.1';

/** Where names lead, each time that they are looked up. */
export const deceitfulNames: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'contoso.sharepoint.com': [[PUBLIC]],
  'redirecting.sharepoint.com': [[PUBLIC]],
  'inside.sharepoint.com': [['10.0.0.5']],
  'half.sharepoint.com': [[PUBLIC, '127.0.0.1']],
  'rebinding.sharepoint.com': [[PUBLIC], ['127.0.0.1']],
};

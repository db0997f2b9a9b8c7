/** What of a route goes over the wire. A browser needs no more of the contract, and none of its schemas. */
export interface Wire {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below /api/v1; `{name}` is a part of the path that the caller fills in. */
  path: string;
  /** Media type of a body that is not JSON. */
  sends?: string;
  /** The answer is a file or a stream. */
  raw?: true;
}

export const API_BASE = '/api/v1';

// biome-ignore format: one route a line
export const WIRE = {
  // Anyone
  health: { method: 'GET', path: '/health' },
  openapi: { method: 'GET', path: '/openapi.json' },
  caCertificate: { method: 'GET', path: '/ca.pem', raw: true },
  agentProgram: { method: 'GET', path: '/agent/waybill.mjs', raw: true },
  setUp: { method: 'POST', path: '/setup' },
  exchangeLogin: { method: 'POST', path: '/login/token' },
  readInvitation: { method: 'POST', path: '/invitation' },
  acceptInvitation: { method: 'POST', path: '/invitation/accept' },
  // The caller
  me: { method: 'GET', path: '/me' },
  options: { method: 'GET', path: '/options' },
  sampleProcessing: { method: 'POST', path: '/processing/sample' },
  plan: { method: 'GET', path: '/plan' },
  // Jobs
  createJob: { method: 'POST', path: '/jobs' },
  listJobs: { method: 'GET', path: '/jobs' },
  exportJobs: { method: 'GET', path: '/jobs/export.csv', raw: true },
  actOnJobs: { method: 'POST', path: '/jobs/actions' },
  overview: { method: 'GET', path: '/overview' },
  jobCounts: { method: 'GET', path: '/jobs/counts' },
  getJob: { method: 'GET', path: '/jobs/{jobId}' },
  changeJob: { method: 'PATCH', path: '/jobs/{jobId}' },
  actOnJob: { method: 'POST', path: '/jobs/{jobId}/actions' },
  getManifest: { method: 'GET', path: '/jobs/{jobId}/manifest', raw: true },
  revealUnlockCode: { method: 'POST', path: '/jobs/{jobId}/unlock-code' },
  stationCredentials: { method: 'POST', path: '/jobs/{jobId}/station-credentials' },
  putDevice: { method: 'PUT', path: '/jobs/{jobId}/device' },
  devicePrepared: { method: 'POST', path: '/jobs/{jobId}/prepared' },
  deviceProved: { method: 'POST', path: '/jobs/{jobId}/proved' },
  deviceErased: { method: 'POST', path: '/jobs/{jobId}/erased' },
  sendEvent: { method: 'POST', path: '/jobs/{jobId}/events' },
  listJobEvents: { method: 'GET', path: '/jobs/{jobId}/events' },
  putSealReceipt: { method: 'PUT', path: '/jobs/{jobId}/seal-receipt', sends: 'application/pkcs7-mime' },
  reopened: { method: 'POST', path: '/jobs/{jobId}/reopened' },
  putReport: { method: 'PUT', path: '/jobs/{jobId}/report/{file}', sends: 'application/octet-stream' },
  getReport: { method: 'GET', path: '/jobs/{jobId}/report/{file}', raw: true },
  jobCustody: { method: 'GET', path: '/jobs/{jobId}/custody' },
  reportIncident: { method: 'POST', path: '/jobs/{jobId}/incidents' },
  resolveIncident: { method: 'POST', path: '/jobs/{jobId}/incidents/resolve' },
  jobLosses: { method: 'GET', path: '/jobs/{jobId}/losses' },
  acceptLosses: { method: 'POST', path: '/jobs/{jobId}/losses/accept' },
  retryFailed: { method: 'POST', path: '/jobs/{jobId}/retry-failed' },
  confirmRestored: { method: 'POST', path: '/jobs/{jobId}/restored' },
  allowErase: { method: 'POST', path: '/jobs/{jobId}/erase-permission' },
  addScan: { method: 'POST', path: '/jobs/{jobId}/scans' },
  enterSeals: { method: 'POST', path: '/jobs/{jobId}/arrival-seals' },
  returnLabel: { method: 'GET', path: '/jobs/{jobId}/return-label' },
  jobProgress: { method: 'GET', path: '/jobs/{jobId}/progress' },
  listReportRows: { method: 'GET', path: '/jobs/{jobId}/report/{file}/rows' },
  getLabel: { method: 'GET', path: '/jobs/{jobId}/label.pdf', raw: true },
  getPackingSlip: { method: 'GET', path: '/jobs/{jobId}/packing-slip.pdf', raw: true },
  getTransferProof: { method: 'GET', path: '/jobs/{jobId}/proof.tar', raw: true },
  getErasureCertificate: { method: 'GET', path: '/jobs/{jobId}/erasure.cms', raw: true },
  getErasurePaper: { method: 'GET', path: '/jobs/{jobId}/erasure.pdf', raw: true },
  claimWork: { method: 'POST', path: '/jobs/{jobId}/lease' },
  renewLease: { method: 'PUT', path: '/jobs/{jobId}/lease/{leaseId}' },
  releaseLease: { method: 'DELETE', path: '/jobs/{jobId}/lease/{leaseId}' },
  // Things
  listDevices: { method: 'GET', path: '/devices' },
  getDevice: { method: 'GET', path: '/devices/{deviceId}' },
  addDevice: { method: 'POST', path: '/devices' },
  changeDevice: { method: 'PATCH', path: '/devices/{deviceId}' },
  listErasures: { method: 'GET', path: '/devices/{deviceId}/erasures' },
  listStores: { method: 'GET', path: '/stores' },
  addStore: { method: 'POST', path: '/stores' },
  changeStore: { method: 'PATCH', path: '/stores/{storeId}' },
  checkStore: { method: 'POST', path: '/stores/{storeId}/check' },
  makeBucket: { method: 'POST', path: '/stores/{storeId}/buckets' },
  changeStoreCredentials: { method: 'PUT', path: '/stores/{storeId}/credentials' },
  // Functions
  listFunctions: { method: 'GET', path: '/functions' },
  getFunction: { method: 'GET', path: '/functions/{name}' },
  keepFunction: { method: 'PUT', path: '/functions/{name}' },
  removeFunction: { method: 'DELETE', path: '/functions/{name}' },
  // Addresses
  listAddresses: { method: 'GET', path: '/addresses' },
  getAddress: { method: 'GET', path: '/addresses/{addressId}' },
  addAddress: { method: 'POST', path: '/addresses' },
  changeAddress: { method: 'PATCH', path: '/addresses/{addressId}' },
  facilityAddress: { method: 'GET', path: '/settings/facility-address' },
  setFacilityAddress: { method: 'PUT', path: '/settings/facility-address' },
  // Notifications
  listTargets: { method: 'GET', path: '/notifications/targets' },
  addTarget: { method: 'POST', path: '/notifications/targets' },
  changeTarget: { method: 'PATCH', path: '/notifications/targets/{targetId}' },
  removeTarget: { method: 'DELETE', path: '/notifications/targets/{targetId}' },
  renewTargetSecret: { method: 'POST', path: '/notifications/targets/{targetId}/secret' },
  testTarget: { method: 'POST', path: '/notifications/targets/{targetId}/test' },
  listDeliveries: { method: 'GET', path: '/notifications/deliveries' },
  redeliver: { method: 'POST', path: '/notifications/deliveries/{deliveryId}/redeliver' },
  erasingSettings: { method: 'GET', path: '/settings/erasing' },
  changeErasingSettings: { method: 'PATCH', path: '/settings/erasing' },
  notificationSettings: { method: 'GET', path: '/settings/notifications' },
  changeNotificationSettings: { method: 'PATCH', path: '/settings/notifications' },
  // People and tokens
  listPeople: { method: 'GET', path: '/people' },
  addPerson: { method: 'POST', path: '/people' },
  changePerson: { method: 'PATCH', path: '/people/{personId}' },
  listInvitations: { method: 'GET', path: '/people/invitations' },
  invitePerson: { method: 'POST', path: '/people/invitations' },
  revokeInvitation: { method: 'DELETE', path: '/people/invitations/{invitationId}' },
  offerNewPassword: { method: 'POST', path: '/people/{personId}/password-link' },
  endSessionsOf: { method: 'DELETE', path: '/people/{personId}/sessions' },
  listSessions: { method: 'GET', path: '/sessions' },
  endSession: { method: 'DELETE', path: '/sessions/{sessionId}' },
  listTokens: { method: 'GET', path: '/tokens' },
  createToken: { method: 'POST', path: '/tokens' },
  revokeToken: { method: 'DELETE', path: '/tokens/{tokenId}' },
  listAccessKeys: { method: 'GET', path: '/access-keys' },
  createAccessKey: { method: 'POST', path: '/access-keys' },
  revokeAccessKey: { method: 'DELETE', path: '/access-keys/{keyId}' },
  // The installation
  listCustody: { method: 'GET', path: '/audit' },
  exportCustody: { method: 'GET', path: '/audit/export', raw: true },
  verifyCustody: { method: 'GET', path: '/audit/verify' },
  checkCustodyHead: { method: 'POST', path: '/audit/verify', sends: 'application/octet-stream' },
  custodyHead: { method: 'GET', path: '/audit/head', raw: true },
  events: { method: 'GET', path: '/events', raw: true },
  roles: { method: 'GET', path: '/roles' },
} as const satisfies Record<string, Wire>;

export type RouteName = keyof typeof WIRE;

/** The members that this server reads of requests; `checkInput` has proven their types. */

export interface KeyRangeMembers {
  BeginMarker?: string;
  EndMarker?: string;
}

export interface S3Resource {
  BucketArn?: string;
  KeyRange?: KeyRangeMembers;
}

export interface LambdaResource {
  LambdaArn?: string;
  EventTriggers?: { EventResourceARN?: string }[];
}

export interface Resources {
  S3Resources?: S3Resource[];
  LambdaResources?: LambdaResource[];
  Ec2AmiResources?: unknown[];
}

export interface Notification {
  SnsTopicARN?: string;
  JobStatesToNotify?: string[];
  NotifyAll?: boolean;
  DevicePickupSnsTopicARN?: string;
}

/** What CreateJob, CreateCluster and their updates have in common, all of it optional. */
export interface JobMembers {
  JobType?: string;
  Resources?: Resources;
  Description?: string;
  AddressId?: string;
  KmsKeyARN?: string;
  ForwardingAddressId?: string;
  SnowballType?: string;
  SnowballCapacityPreference?: string;
  ShippingOption?: string;
  Notification?: Notification;
  ClusterId?: string;
  LongTermPricingId?: string;
}

/** What a cluster says beside that. */
export interface ClusterMembers extends JobMembers {
  InitialClusterSize?: number;
  ForceCreateJobs?: boolean;
  LongTermPricingIds?: string[];
  OnDeviceServiceConfiguration?: { S3OnDeviceService?: { StorageLimit?: number } };
}

/** Members that a job does not need itself; they are kept and told again as they came. */
export const KEPT_MEMBERS = [
  'JobType',
  'Resources',
  'Description',
  'AddressId',
  'ForwardingAddressId',
  'KmsKeyARN',
  'RoleARN',
  'SnowballType',
  'SnowballCapacityPreference',
  'ShippingOption',
  'Notification',
  'TaxDocuments',
  'DeviceConfiguration',
  'RemoteManagement',
  'OnDeviceServiceConfiguration',
  'ImpactLevel',
  'PickupDetails',
] as const;

import LocalCluster
import Testing

struct LocalClusterTests {}

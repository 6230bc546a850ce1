extension LocalCluster {
    /// What whoever filled the cluster wrote down when it was done; nil when nobody did, or the data are others since.
    package var stamp: String? { Files.text(of: stampFile) }

    /// Writes down what the data are; it lies among them, and goes where they go.
    package func setStamp(_ text: String) throws(LocalClusterError) {
        try Files.write(text, to: stampFile, owner: try ClusterOwner.current())
    }

    private var stampFile: String { dataDirectory + "/piste.stamp" }
}

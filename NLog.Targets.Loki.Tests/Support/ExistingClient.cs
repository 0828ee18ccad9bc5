namespace NLog.Targets.Loki.Tests.Support;

/// <summary>
/// A configuration with every attribute, the JsonLayout and the labels that the README of corentinaltepe/nlog.loki shows;
/// only the assembly in its extensions differs.
/// </summary>
internal static class ExistingClient
{
    public const string Configuration = """
        <nlog xmlns="http://www.nlog-project.org/schemas/NLog.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
          <extensions>
            <add assembly="NLog.Targets.Loki" />
          </extensions>
          <targets>
            <target name="loki" xsi:type="loki" batchSize="200" taskDelayMilliseconds="500" endpoint="http://localhost:3100"
              username="myusername" password="secret" orderWrites="true" compressionLevel="noCompression"
              layout="${level}|${message}${onexception:|${exception:format=type,message,method:maxInnerExceptionLevel=5:innerFormat=shortType,message,method}}|source=${logger}"
              eventPropertiesAsLabels="false" tenant="tenantid" proxyUrl="http://proxy:8888" proxyUser="username" proxyPassword="secret">
              <layout xsi:type="JsonLayout" includeEventProperties="true">
                <attribute name="level" layout="${level}" />
                <attribute name="source" layout="${logger}" />
                <attribute name="message" layout="${message}" />
                <attribute name="exception" encode="false">
                  <layout xsi:type="JsonLayout">
                    <attribute name="type" layout="${exception:format=type}" />
                    <attribute name="message" layout="${exception:format=message}" />
                    <attribute name="stacktrace" layout="${exception:format=tostring}" />
                  </layout>
                </attribute>
              </layout>
              <label name="app" layout="my-app-name" />
              <label name="server" layout="${hostname:lowercase=true}" />
            </target>
          </targets>
          <rules>
            <logger name="*" minlevel="Info" writeTo="loki" />
          </rules>
        </nlog>
        """;
}
